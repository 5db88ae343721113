"""`doctor.examine`: it names what is wrong and nothing else, changes nothing, and works beside running commands."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from git_okstra.operations import doctor
from git_okstra.state import locks
from support.ailments import AILMENTS
from support.patients import Patient, everything
from support.repositories import ScratchRepository


@pytest.fixture
def patient(repository: ScratchRepository) -> Patient:
    return Patient(repository, 1, 2)


def test_nothing_is_wrong_with_a_fresh_task(patient: Patient) -> None:
    patient.require_healthy()


@pytest.mark.parametrize("name", AILMENTS)
def test_an_ailment_is_named_and_nothing_is_changed(name: str, patient: Patient) -> None:
    ailment = AILMENTS[name]
    ailment.cause(patient)
    before = everything(patient.home), everything(patient.repository.path)
    taken = list(locks.taken)
    assert tuple(patient.codes()) == ailment.codes
    assert locks.taken == taken
    assert (everything(patient.home), everything(patient.repository.path)) == before
