"""moto_server, except that a client's PUT decides the replication status that HEAD answers.

moto itself never sends `x-amz-replication-status`. It keeps the headers of a PUT that a client may set, and answers with
them; with this one among them, a test can have any word it likes.
"""

import sys

import moto.s3.utils

HEADER = "x-amz-replication-status"


def main() -> None:
    args = sys.argv[1:]
    if HEADER in moto.s3.utils.user_settable_fields:
        sys.exit(f"moto keeps {HEADER} by itself now: look what it does with it, then drop this hook")
    moto.s3.utils.user_settable_fields.add(HEADER)

    from moto.server import main as serve  # after the hook

    serve(args)


if __name__ == "__main__":
    main()
