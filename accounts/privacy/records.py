"""Erasures kept outside the database, since a restored backup has forgotten the later ones.

One small file each in settings.ERASURE_RECORDS, public ids only. The folder belongs to what is
backed up apart from the database.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage

from accounts.models import Erasure
from accounts.privacy.actions import FINISH
from events import registry
from events.lanes import Lane


@registry.state(FINISH, lane=Lane.BULK)
def finish_erasure(public_id: str) -> None:
    """Delete the person's files and write the erasure's file; repeats safely."""
    erasure = Erasure.objects.filter(public_id=public_id).first()
    if erasure is None:
        return
    for name in erasure.files:
        default_storage.delete(name)
    folder = Path(settings.ERASURE_RECORDS)
    folder.mkdir(parents=True, exist_ok=True)
    kept = {"id": public_id, "subjects": erasure.subjects, "actor": erasure.actor}
    part = folder / f".{public_id}.part"
    part.write_text(json.dumps({**kept, "at": erasure.at.isoformat()}) + "\n")
    part.replace(folder / f"{public_id}.json")
    Erasure.objects.filter(pk=erasure.pk).update(files=[])


def known_erasures() -> Iterator[dict[str, Any]]:
    """Yield every erasure on record, in the database or in the folder, oldest first."""
    found = {
        row.public_id: {"id": row.public_id, "subjects": row.subjects, "actor": row.actor}
        for row in Erasure.objects.all()
    }
    for path in Path(settings.ERASURE_RECORDS).glob("era_*.json"):
        found.setdefault(path.stem, json.loads(path.read_text()))
    for name in sorted(found):  # ids sort by time
        yield found[name]
