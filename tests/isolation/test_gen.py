"""Print the table as the house answers now."""
import re
from django.test.utils import setup_test_environment
from tests.isolation import walk as w
from tests.isolation.world import *
from tests.isolation.world import body
ADD={"accounts/^password":"/accounts/password/1-set-password/"}
def address(route):
    if route.startswith("accounts/^password"): return "/accounts/password/1-2/"
    if route.startswith("admin/^"): return "/admin/tickets/"
    if route.startswith("admin/(?P<url>"): return "/admin/nothing/"
    a="/"+route
    a=a.replace("admin/r/<path:content_type_id>/<path:object_id>/","admin/r/1/{customer}/").replace("<path:object_id>","{row}").replace("agent/<id>","agent/{row}")
    a=a.replace("<str:reference>","{ticket}").replace("entries/<int:pk>","entries/{entry}").replace("files/<int:pk>","files/{file}").replace("messages/<int:pk>","messages/{message}").replace("callbacks/<int:pk>","callbacks/{callback}").replace("<slug:what>","done")
    if a=="/queue/": a="/queue/?view=all"
    return a
def test_gen(db, settings, tmp_path):
    settings.MEDIA_ROOT=tmp_path
    world=settle()
    out=[]
    seen=set()
    for r in w.routes():
        a=address(r)
        if a in seen: continue
        seen.add(a)
        cells=[]; tells="–"
        for who in WHO:
            p=world.path(a)
            g=w.ask(world,who,"get",p); ps=w.ask(world,who,"post",p,body(world,a))
            cells.append(f"{g.status}/{ps.status}")
            if who in ("agent","supervisor","administrator") and g.status in("200",) and w.TELLS.search(g.text): tells="rows"
        out.append((a,tells,cells))
    with open("/tmp/table.txt","w") as f:
        for a,t,c in out:
            f.write(f"{a:<58} {t:<5}"+" ".join(f"{x:<8}" for x in c[:5])+"| "+" ".join(f"{x:<8}" for x in c[5:]).rstrip()+"\n")
