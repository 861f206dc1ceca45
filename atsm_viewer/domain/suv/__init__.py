"""FROM A PET HEADER TO AN SUV FACTOR, with the reason for every step.

``facts`` holds what the header says, ``overrides`` what a person says instead; ``assessment.assess``
turns both into a factor, the notices and the resolved inputs; ``explain`` puts it in words.
One file per table of the rules: units, decay_rule, reference_time, administration_time, dose, body,
half_life, stored_suv, kinds, balance. Thresholds live in ``thresholds`` as data.

May import: the rest of ``domain``, numpy, the standard library.
To add a rule: find the file of its table, add the code with its words to ``code_texts``, and add a
test that states the rule. Codes starting with ``E-`` block the SUV, ``W-`` ask for a look, ``I-``
inform and are not part of ``SuvAssessment.codes``.
Guarded by: ``tests/unit/domain/test_suv_*.py``, ``tests/golden/test_suv_vectors.py``,
``tests/properties/test_suv_properties.py``.
"""
