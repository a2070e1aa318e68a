"""Where the fixtures of every test come from."""

pytest_plugins = ["tests.fixtures"]
