"""The least a page with these facts can cost: what the desk's pages are held beside. It may only get faster."""
