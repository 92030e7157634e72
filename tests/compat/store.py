"""The server as boto3 sees it: fresh buckets, what they hold, and cleaning up."""

import os
import time
import uuid
from dataclasses import dataclass, field

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

# AWS needs a real role; the others take any text of the right form.
ROLE = os.environ.get("REPLAUDIT_COMPAT_ROLE_ARN", "arn:aws:iam::123456789012:role/replication")
SETTLES_WITHIN = float(os.environ.get("REPLAUDIT_COMPAT_REPLICATION_SECONDS", "30"))


def connect(endpoint: str | None):
    path = {"s3": {"addressing_style": "path"}} if endpoint else {}
    config = Config(retries={"mode": "standard", "total_max_attempts": 3}, read_timeout=30, **path)
    return boto3.client("s3", endpoint_url=endpoint, region_name=os.environ.get("AWS_REGION", "us-east-1"), config=config)


@dataclass
class Store:
    client: object
    replicates: bool
    buckets: list[str] = field(default_factory=list)

    def bucket(self, versioning: str | None = None, lock: bool = False) -> str:
        """A new bucket; `versioning` is None (never), "Enabled" or "Suspended"."""
        name = f"replaudit-compat-{uuid.uuid4().hex[:12]}"
        region = self.client.meta.region_name
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        if lock:
            where["ObjectLockEnabledForBucket"] = True
        self.client.create_bucket(Bucket=name, **where)
        self.buckets.append(name)
        if versioning:
            self.versioning(name, versioning)
        return name

    def versioning(self, bucket: str, status: str) -> None:
        self.client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})

    def put(self, bucket: str, key: str, body: bytes = b"content", *, word: str | None = None, **more) -> str:
        """Puts an object and gives its version ID. `word` is the status that a server with `status_words` shall give."""

        def add_header(request, **_):
            request.headers["x-amz-replication-status"] = word

        events = self.client.meta.events
        if word is not None:
            events.register("before-sign.s3.PutObject", add_header)
        try:
            return self.client.put_object(Bucket=bucket, Key=key, Body=body, **more).get("VersionId", "null")
        finally:
            if word is not None:
                events.unregister("before-sign.s3.PutObject", add_header)

    def rule(self, source: str, target: str, *, prefix: str = "", markers: str = "Disabled", v1: bool = False) -> None:
        rule = {"ID": "compat", "Status": "Enabled", "Destination": {"Bucket": f"arn:aws:s3:::{target}"}}
        if v1:
            rule |= {"Prefix": prefix}
        else:
            rule |= {"Priority": 1, "Filter": {"Prefix": prefix}, "DeleteMarkerReplication": {"Status": markers}}
        self.client.put_bucket_replication(Bucket=source, ReplicationConfiguration={"Role": ROLE, "Rules": [rule]})

    def completed(self, bucket: str, key: str, body: bytes = b"content", **more) -> str:
        """Puts an object that the server then calls COMPLETED, whichever way this server has to that."""
        if self.replicates and not self.has_rules(bucket):
            self.rule(bucket, self.bucket("Enabled", lock=self.has_lock(bucket)))
        version = self.put(bucket, key, body, word=None if self.replicates else "COMPLETED", **more)
        assert self.settled(bucket, key) == "COMPLETED"
        return version

    def has_rules(self, bucket: str) -> bool:
        return self._has(lambda: self.client.get_bucket_replication(Bucket=bucket), "ReplicationConfigurationNotFoundError")

    def has_lock(self, bucket: str) -> bool:
        return self._has(
            lambda: self.client.get_object_lock_configuration(Bucket=bucket), "ObjectLockConfigurationNotFoundError"
        )

    @staticmethod
    def _has(ask, absent: str) -> bool:
        try:
            ask()
        except ClientError as error:
            if error.response["Error"]["Code"] != absent:
                raise
            return False
        return True

    def settled(self, bucket: str, key: str) -> str | None:
        """The replication status as boto3 sees it, once it is not PENDING."""
        deadline = time.monotonic() + SETTLES_WITHIN
        while True:
            status = self.client.head_object(Bucket=bucket, Key=key).get("ReplicationStatus")
            if status != "PENDING" or time.monotonic() > deadline:
                return status
            time.sleep(0.5)

    def replica_of(self, source: str, key: str, target: str) -> dict:
        assert self.settled(source, key) == "COMPLETED"
        return self.client.head_object(Bucket=target, Key=key)

    def versions(self, bucket: str) -> list[tuple]:
        """(key, version ID, is latest, ETag or "marker"), everything the bucket holds."""
        found = []
        for page in self.client.get_paginator("list_object_versions").paginate(Bucket=bucket):
            found += [(v["Key"], v["VersionId"], v["IsLatest"], v["ETag"]) for v in page.get("Versions", [])]
            found += [(m["Key"], m["VersionId"], m["IsLatest"], "marker") for m in page.get("DeleteMarkers", [])]
        return sorted(found)

    def holdings(self) -> dict[str, list[tuple]]:
        return {bucket: self.versions(bucket) for bucket in self.buckets}

    def markers(self, bucket: str) -> list[str]:
        return [version for _, version, _, etag in self.versions(bucket) if etag == "marker"]

    def version_ids(self, bucket: str, key: str) -> list[str]:
        return [version for name, version, _, etag in self.versions(bucket) if name == key and etag != "marker"]

    def suspend(self, bucket: str) -> None:
        """AWS suspends no bucket that still has rules."""
        self.client.delete_bucket_replication(Bucket=bucket)
        self.versioning(bucket, "Suspended")

    def clean_up(self) -> None:
        """Removes every bucket, also if another one fails."""
        failures = []
        for bucket in self.buckets:
            try:
                self.remove(bucket)
            except ClientError as error:
                failures.append(error)
        if failures:
            raise ExceptionGroup("buckets were left behind", failures)

    def remove(self, bucket: str) -> None:
        locked = self.has_lock(bucket)
        for key, version, _, etag in self.versions(bucket):
            which = {"Bucket": bucket, "Key": key, "VersionId": version}
            if locked and etag != "marker":
                self.client.put_object_legal_hold(**which, LegalHold={"Status": "OFF"})
                which["BypassGovernanceRetention"] = True
            self.client.delete_object(**which)
        self.client.delete_bucket(Bucket=bucket)
