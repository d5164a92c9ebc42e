"""The attribution models: MODELS in the order users see them, and the models that settings add to them.

A model says how one deal is shared among the touches of its journey. Add one in ``rules.py``: an entry with a name, a
label, a summary and one SQL expression over ``journeys.journey_touches``. ``weights.py`` turns all of them into the
ledger's columns, applies the policy for missing shares once for all, and so keeps every deal's weights at 1.
"""

from __future__ import annotations

from attribution.models.rules import MISSING_SHARE_POLICIES, MODELS, POSITIONS, Model, custom_model

MODEL_NAMES: tuple[str, ...] = tuple(model.name for model in MODELS)

__all__ = ["MISSING_SHARE_POLICIES", "MODELS", "MODEL_NAMES", "POSITIONS", "Model", "custom_model"]
