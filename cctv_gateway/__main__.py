"""Lets `python -m cctv_gateway` and the `cctv-gateway` script start the command line.

The commands themselves live in `cli/`.
"""

from cctv_gateway.cli.main import main

if __name__ == "__main__":
    main()
