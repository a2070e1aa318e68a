# One image for web, stream, worker, beat and migrate: compose.yaml says which of them a container is.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore

# Who runs the desk owns nothing but the directory for files.
RUN groupadd --system --gid 10001 desk \
 && useradd --system --uid 10001 --gid desk --home-dir /var/lib/loyalty-desk --shell /usr/sbin/nologin desk \
 && install --directory --owner desk --group desk --mode 0750 /var/lib/loyalty-desk

WORKDIR /app
# Requirements change less often than code: their layer is built first and kept.
COPY requirements.txt ./
RUN pip install --require-hashes --requirement requirements.txt

COPY . .
ENV VAR_DIR=/var/lib/loyalty-desk \
    STATIC_ROOT=/app/static_collected
# The key lives for this one command only and signs nothing.
RUN SECRET_KEY=only-while-building VAR_DIR=/tmp/build python manage.py collectstatic --noinput --verbosity 0 \
 && python -m compileall -q . \
 && rm -rf /tmp/build

USER desk
VOLUME /var/lib/loyalty-desk
STOPSIGNAL SIGTERM
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=3)"]
# The row `web` of contactcenter/processes.py; a test holds the two equal.
CMD ["python", "-m", "granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "4", "--backpressure", "64", "--no-ws", "--respawn-failed-workers", "--workers-kill-timeout", "5", "--log-level", "warning", "contactcenter.wsgi:application"]
