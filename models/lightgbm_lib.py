"""The one door to LightGBM in the service: its shared library by path, one row at a time.

The Python package is found but never imported: with pandas and scikit-learn beside it that
takes seconds, loading the library alone takes hundredths of one.
"""

import ctypes
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from features.errors import BundleError

_LIBRARY_NAMES = ("lib_lightgbm.so", "lib_lightgbm.dylib", "lib_lightgbm.dll")
_RAW_SCORE = 1
_FLOAT64 = 1
_ALL_TREES = -1
_PARAMETERS = b"num_threads=1"


@cache
def load_library() -> ctypes.CDLL:
    """Load LightGBM's shared library; raises BundleError saying how to install it."""
    path = _find_library()
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        raise BundleError(
            f"LightGBM's library {path} does not load ({error}); reinstall lightgbm, and on a "
            "bare system the OpenMP runtime (Debian: libgomp1)"
        ) from error
    library.LGBM_GetLastError.restype = ctypes.c_char_p
    return library


def _find_library() -> Path:
    spec = find_spec("lightgbm")
    if spec is None or spec.origin is None:
        raise BundleError("a model cannot be scored: lightgbm is not installed; pip install it")
    package = Path(spec.origin).parent
    for folder in (package / "lib", package / "bin", package):
        for name in _LIBRARY_NAMES:
            if (folder / name).is_file():
                return folder / name
    raise BundleError(f"lightgbm in {package} holds no lib_lightgbm; reinstall lightgbm")


class Booster:
    """A LightGBM model read from its text, that answers one margin for one row.

    Not safe for several threads at once: the row is written to one buffer.
    """

    def __init__(self, text: str, n_features: int) -> None:
        self._library = load_library()
        self._handle = ctypes.c_void_p()
        self._fast = ctypes.c_void_p()
        self._row = (ctypes.c_double * n_features)()
        self._margin = ctypes.c_double()
        self._written = ctypes.c_int64()
        self._open(text, n_features)
        self._predict = self._library.LGBM_BoosterPredictForMatSingleRowFast
        self._arguments = (
            self._fast,
            self._row,
            ctypes.byref(self._written),
            ctypes.byref(self._margin),
        )

    def _open(self, text: str, n_features: int) -> None:
        iterations = ctypes.c_int()
        self._check(
            self._library.LGBM_BoosterLoadModelFromString(
                ctypes.c_char_p(text.encode()), ctypes.byref(iterations), ctypes.byref(self._handle)
            )
        )
        found = ctypes.c_int()
        self._check(self._library.LGBM_BoosterGetNumFeature(self._handle, ctypes.byref(found)))
        if found.value != n_features:
            raise BundleError(
                f"a head was fitted on {found.value} features, its bundle names {n_features}; "
                "train again"
            )
        self._check(
            self._library.LGBM_BoosterPredictForMatSingleRowFastInit(
                self._handle,
                ctypes.c_int(_RAW_SCORE),
                ctypes.c_int(0),
                ctypes.c_int(_ALL_TREES),
                ctypes.c_int(_FLOAT64),
                ctypes.c_int32(n_features),
                ctypes.c_char_p(_PARAMETERS),
                ctypes.byref(self._fast),
            )
        )

    def margin(self, row: Iterable[float]) -> float:
        """Give the margin (log-odds, before calibration) of one encoded row; NaN is missing."""
        self._row[:] = list(row)
        self._check(self._predict(*self._arguments))
        return self._margin.value

    def close(self) -> None:
        """Free what the library holds; a closed booster answers no more."""
        for name, handle in (
            ("LGBM_FastConfigFree", self._fast),
            ("LGBM_BoosterFree", self._handle),
        ):
            if handle.value is not None:
                getattr(self._library, name)(handle)
                handle.value = None

    def __del__(self) -> None:
        if hasattr(self, "_fast"):
            self.close()

    def _check(self, status: int) -> None:
        if status != 0:
            reason = self._library.LGBM_GetLastError().decode(errors="replace")
            raise BundleError(f"LightGBM cannot use this model: {reason}; train again")
