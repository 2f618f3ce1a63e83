"""The package's version; the native module's must be the same."""

__version__ = "0.1.0"
TORCH = "2.13.0"  # what the native module was built with
