"""`python -m reev_flow` is the command `reev-flow`."""

import sys

from reev_flow.cli import main

if __name__ == "__main__":
    sys.exit(main())
