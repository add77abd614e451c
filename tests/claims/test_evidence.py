"""A claim lists all that it rests on: what is not listed may change, and it says the same."""

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pandas as pd
import pytest
import yaml
from ledger import Entry, claims_of, ledger, runs
from support import ROOT, SMALL, SMALL_WAVE, STUDY, WAVE, copy_repository
