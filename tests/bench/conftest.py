from tests.e2e.conftest import stack, upstream_url

__all__ = ["stack", "upstream_url"]
