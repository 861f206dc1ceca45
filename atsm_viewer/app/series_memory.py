"""Which PET and CT a person chose from a study the last time."""

from __future__ import annotations

from atsm_viewer.app.settings import SettingsStore
from atsm_viewer.io.catalogue import Catalogue, ProposedPair, SeriesEntry

MAX_STUDIES = 200


def _study(entry: SeriesEntry) -> str:
    return entry.study_uid or str(entry.paths[0].parent)


def last_choice(settings: SettingsStore, catalogue: Catalogue) -> tuple[str, str] | None:
    """Return the identities of PET and CT (empty for no CT) chosen last, if they are still here."""
    suitable = {entry.id: entry for entry in catalogue.series if entry.suitable}
    for study, pet, ct in reversed(settings.settings.series_choices):
        if pet in suitable and _study(suitable[pet]) == study and (not ct or ct in suitable):
            return (pet, ct)
    return None


def remember_choice(settings: SettingsStore, pair: ProposedPair) -> None:
    """Keep what was chosen, for the next time this study is opened.

    Raises
    ------
    AtsmError
        When the settings cannot be written; the choice holds for this session.
    """
    study = _study(pair.pet)
    rest = tuple(choice for choice in settings.settings.series_choices if choice[0] != study)
    now = (study, pair.pet.id, pair.ct.id if pair.ct else "")
    settings.change(series_choices=(*rest, now)[-MAX_STUDIES:])
