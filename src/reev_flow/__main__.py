"""The way in, for `reev-flow` and for `python -m reev_flow`."""

import sys

EXIT_INTERRUPTED = 130


def main() -> int:
    """Everything is loaded in here, so that Ctrl-C is answered the same from the first moment on."""
    try:
        from reev_flow.cli import run  # noqa: PLC0415 - see above

        return run()
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
