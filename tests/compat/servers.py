"""What each server can do, so that it is known beforehand which tests apply to it."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace


class SetupError(Exception):
    """The suite was not told what it must know."""


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """No field has a default: a new server needs all fields, and a new field a value for every server."""

    versioning: bool  # buckets can be versioned
    head_version_anywhere: bool  # HEAD takes a version ID ("null") also where versioning is not Enabled
    object_lock: bool  # retention and legal holds, and they hold against a delete by version ID
    lock_on_head: bool  # HEAD names retention and legal hold
    conditional_delete: bool  # DELETE with If-Match answers 412 where the ETag is another one
    silent: bool  # HEAD never has a replication status
    status_words: bool  # the client's PUT decides the replication status (moto_words.py)
    replicates: bool  # rules of PutBucketReplication are carried out, to a bucket of the same endpoint
    refuses_unsigned: bool  # a private object answers 403 to an unsigned request
    public_read: bool  # an object with the ACL public-read answers unsigned requests
    serves_unsigned: bool  # unsigned requests are served like signed ones
    newline_keys: bool  # a key may hold a line feed
    athena: bool  # Athena creates and drops tables of Glue; its engine can't run the query of an audit

    @classmethod
    def names(cls) -> set[str]:
        return {field.name for field in fields(cls)}

    @classmethod
    def of(cls, listed: Iterable[str]) -> "Capabilities":
        listed = set(listed)
        if unknown := listed - cls.names():
            raise SetupError(f"unknown capabilities: {', '.join(sorted(unknown))}; known: {', '.join(sorted(cls.names()))}")
        return cls(**{name: name in listed for name in cls.names()})

    def has(self, name: str) -> bool:
        if name not in self.names():
            raise SetupError(f"a test asks for {name!r}, which servers.py does not have")
        return getattr(self, name)


MOTO = Capabilities(
    versioning=True,
    head_version_anywhere=False,  # a bare 400
    object_lock=True,
    lock_on_head=True,
    conditional_delete=True,
    silent=True,
    status_words=False,
    replicates=False,  # it stores the rules and does nothing with them
    refuses_unsigned=True,
    public_read=True,
    serves_unsigned=False,
    newline_keys=False,  # its router knows no such path and answers 404 to the PUT
    athena=False,  # it stores statements and runs none
)

MOTO_WORDS = replace(MOTO, silent=False, status_words=True)  # moto_words.py

MINISTACK = Capabilities(
    versioning=True,
    head_version_anywhere=True,
    object_lock=True,
    lock_on_head=True,
    conditional_delete=True,
    silent=False,
    status_words=False,
    replicates=True,  # at once, so PENDING is never seen; the replica gets a version ID of its own
    refuses_unsigned=False,
    public_read=False,
    serves_unsigned=True,  # it looks at no signature
    newline_keys=True,
    athena=True,
)

SERVERS = {"moto": MOTO, "moto-words": MOTO_WORDS, "ministack": MINISTACK}


@dataclass(frozen=True)
class Server:
    name: str
    endpoint: str | None  # None: AWS itself
    capabilities: Capabilities


def server_from_environment() -> Server:
    name = os.environ.get("REPLAUDIT_COMPAT_SERVER", "")
    endpoint = os.environ.get("REPLAUDIT_COMPAT_ENDPOINT")
    listed = os.environ.get("REPLAUDIT_COMPAT_CAPABILITIES")
    if endpoint is None:
        raise SetupError("REPLAUDIT_COMPAT_ENDPOINT is not set (empty means AWS itself)")
    if not endpoint and os.environ.get("REPLAUDIT_COMPAT_I_MEAN_IT") != "yes":
        raise SetupError("this creates and deletes buckets on AWS itself: say REPLAUDIT_COMPAT_I_MEAN_IT=yes")
    if name in SERVERS:
        if listed is not None or not endpoint:
            raise SetupError(f"{name} needs an endpoint, and its capabilities are known: list none")
        return Server(name, endpoint, SERVERS[name])
    if name != "custom":
        raise SetupError(f"REPLAUDIT_COMPAT_SERVER is {name!r}; it may be {', '.join(SERVERS)} or custom")
    if not listed:
        raise SetupError("REPLAUDIT_COMPAT_CAPABILITIES is not set: list what the server can do, separated by commas")
    words = [word.strip().replace("-", "_") for word in listed.split(",")]
    return Server(name, endpoint or None, Capabilities.of(words))
