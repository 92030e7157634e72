"""moto_server, except that a client's PUT decides the replication status that HEAD answers.

moto itself never sends `x-amz-replication-status`. It keeps the headers of a PUT that a client may set, and answers with
them; with this one among them, a test can have any word it likes.

With `--as-documented` it also answers GetBucketVersioning under the root element that AWS documents. moto 5.2 writes
`<GetBucketVersioningResponse>` for `<VersioningConfiguration>`, which AWS's SDK for Rust does not read.
"""

import sys

import moto.s3.utils
from moto.s3.responses import S3Response

HEADER = "x-amz-replication-status"


def repair(answer):
    status, headers, body = answer
    body = body.decode() if isinstance(body, bytes) else body
    repaired = body.replace("GetBucketVersioningResponse", "VersioningConfiguration")
    assert repaired != body, "moto writes the documented element by itself now: drop --as-documented"
    return status, headers, repaired


def main() -> None:
    args = sys.argv[1:]
    if HEADER in moto.s3.utils.user_settable_fields:
        sys.exit(f"moto keeps {HEADER} by itself now: look what it does with it, then drop this hook")
    moto.s3.utils.user_settable_fields.add(HEADER)
    if "--as-documented" in args:
        args.remove("--as-documented")
        as_moto_does = S3Response.get_bucket_versioning
        S3Response.get_bucket_versioning = lambda self: repair(as_moto_does(self))

    from moto.server import main as serve  # after the hooks

    serve(args)


if __name__ == "__main__":
    main()
