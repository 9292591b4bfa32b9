"""One run of the live checks on many machines: shares of the work, handed to a Dask cluster and added up again."""

from sendspec.cluster.run import Request, check

__all__ = ["Request", "check"]
