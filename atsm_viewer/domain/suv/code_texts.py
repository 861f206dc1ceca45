"""What each code means in plain words, and what can be done about it.

Codes that the rules of the specification leave unnamed follow the same style: E-MIXED-SERIES,
E-DC-MISSING, E-DECY-ABSENT, E-SUVTYPE, E-ANIMAL-KIND, W-NAC, W-NO-ATTN, W-DOSE-NM-BQ,
W-DOSE-GE-PRIVATE, W-RESIDUE-HIGH, W-INFUSION-SLOW, W-UPTAKE-LONG, W-OVERRIDE-IGNORED,
W-LBM-JAMES-BMI and everything that starts with ``I-``.
"""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "E-MIXED-SERIES": (
        "The instances contradict each other, this is not one series.",
        "Split the series, or enter the values that differ.",
    ),
    "E-UNITS": (
        "The unit of the pixel values does not allow an SUV.",
        "Enter the unit or a calibration factor.",
    ),
    "E-CNTS": (
        "The pixel values are counts, and only Philips files carry a factor for counts.",
        "Enter a calibration factor in Bq/ml per count.",
    ),
    "E-CNTS-NOFACTOR": (
        "The pixel values are counts, and both Philips scale factors are missing or zero.",
        "Enter a calibration factor in Bq/ml per count.",
    ),
    "E-CNTS-NONE": (
        "The Philips SUV scale factor is not valid for an image without decay correction.",
        "Enter a calibration factor in Bq/ml per count.",
    ),
    "E-SUVTYPE": (
        "The kind of SUV in the header does not fit its unit.",
        "Enter the unit of the pixel values.",
    ),
    "E-NO-ATTN": (
        "The image is not corrected for attenuation.",
        "Open the attenuation-corrected series, or accept it as not quantitative.",
    ),
    "E-DECY-NONE": (
        "The header says both that decay was corrected and that it was not.",
        "Choose START, ADMIN or NONE as decay rule.",
    ),
    "E-DC-MISSING": (
        "The header does not say to which time decay was corrected.",
        "Choose START, ADMIN or NONE as decay rule.",
    ),
    "E-DECY-ABSENT": (
        "The header names a decay correction, but lists none as done and every decay factor is 1.",
        "Choose START, ADMIN or NONE as decay rule.",
    ),
    "E-WEIGHT": (
        "The body weight is missing or not positive.",
        "Enter the weight; kBq/ml and %ID/ml work without.",
    ),
    "E-HEIGHT": ("The body height is missing.", "Enter the height."),
    "E-SEX": ("The sex is missing.", "Enter the sex."),
    "E-LBM-NONPOSITIVE": ("The formula gives no positive body mass for this person.", "Use another formula."),
    "E-ANIMAL-KIND": ("The formula was made for people and is switched off for animals.", "Use SUVbw."),
    "E-DOSE-MISSING": (
        "The injected activity is missing.",
        "Enter the injected activity with its unit and time.",
    ),
    "E-DOSE": (
        "The injected activity is not positive.",
        "Enter the injected activity with its unit and time.",
    ),
    "E-HALFLIFE": ("The half-life is missing and no nuclide is named.", "Enter the nuclide."),
    "E-ADMIN-TIME": (
        "The time of injection is missing or cannot be right.",
        "Enter the date and time of injection.",
    ),
    "E-ADMIN-DATE": (
        "The date of injection is unknown, and the half-life is too long to take it from the clock.",
        "Enter the date and time of injection.",
    ),
    "E-REFTIME": ("The time to which decay was corrected is unknown.", "Enter the start of the scan."),
    "E-NONE-TIMING": (
        "Without decay correction every frame needs its start and its duration, and one is missing.",
        "Enter the decay rule, or use files with frame times.",
    ),
    "E-MULTI-RP": ("The header lists more than one injection.", "Choose which one applies."),
    "W-UNITS-NONSTANDARD": ("The unit is not one of DICOM's, but its meaning is clear.", "Check the unit."),
    "W-NAC": ("NAC, not quantitative: the image is not corrected for attenuation, as accepted.", ""),
    "W-NO-ATTN": (
        "The header does not declare attenuation correction; the bias can be tens of per cent in rats and "
        "roughly 10 to 20 % in mice.",
        "Check the reconstruction protocol.",
    ),
    "W-DC-MISSING": (
        "The header does not say to which time decay was corrected; the start of the scan was taken.",
        "Confirm START, or choose ADMIN or NONE.",
    ),
    "W-DECY-ABSENT": (
        "The list of corrections does not mention decay, although a decay correction is declared.",
        "Confirm the decay rule.",
    ),
    "W-NONE-HAS-DECAYFACTOR": (
        "Decay is declared as not corrected, yet a decay factor above 1 is given.",
        "Check the decay rule.",
    ),
    "W-ADMIN-LOOKS-LIKE-START": (
        "Decay is declared as corrected to the injection, but the decay factors point to the scan start.",
        "Check the decay rule.",
    ),
    "W-WEIGHT-GRAMS": ("The weight is in grams; it was divided by 1000.", "Confirm the weight."),
    "W-WEIGHT-ANIMAL": (
        "The weight is large for an animal on this scanner. Is it in grams?",
        "Confirm the weight.",
    ),
    "W-WEIGHT-IMPLAUSIBLE": ("The weight is implausible for a person.", "Confirm the weight."),
    "W-HEIGHT-CM": ("The height is in centimetres; it was divided by 100.", "Confirm the height."),
    "W-DOSE-LOW": ("The injected activity is low for Bq.", "Confirm the unit of the activity."),
    "W-DOSE-MBQ": ("The injected activity is too small for Bq; it was taken as MBq.", "Confirm the unit."),
    "W-DOSE-ENHANCED-BQ": (
        "The injected activity is too large for MBq, the unit of Enhanced PET; it was taken as Bq.",
        "Confirm the unit.",
    ),
    "W-DOSE-NM-BQ": (
        "The injected activity is too large for MBq, the unit of nuclear medicine; it was taken as Bq.",
        "Confirm the unit.",
    ),
    "W-DOSE-GE-PRIVATE": (
        "The injected activity was taken from GE's private elements, whose unit is not documented.",
        "Confirm or enter the injected activity.",
    ),
    "W-RESIDUE-HIGH": ("More than a tenth of the activity stayed behind.", "Check the entered activities."),
    "W-HALFLIFE": (
        "The half-life differs by more than 2 % from the table; the header's was used.",
        "Enter the nuclide to use the table.",
    ),
    "W-HALFLIFE-UNIT": (
        "The half-life looks like minutes, hours or days instead of seconds.",
        "Enter the nuclide.",
    ),
    "W-NUCLIDE-CONTRADICTION": (
        "The named nuclide and the half-life contradict each other; the half-life was used.",
        "Enter the nuclide.",
    ),
    "W-REFTIME-B": (
        "Counting back from the frames gives another reference time.",
        "Check the reference time.",
    ),
    "W-REFTIME-D": ("The decay factors give another reference time.", "Check the reference time."),
    "W-REFTIME-P": ("The Philips scale factors give another reference time.", "Check the reference time."),
    "W-REFTIME-CONFLICT": ("No other evidence supports the series time.", "Choose the reference time."),
    "W-SERIESTIME-REWRITTEN": (
        "The series time is later than the acquisition: it was rewritten and is not the reference time.",
        "Check the reference time.",
    ),
    "W-FRT-ZERO": ("Every frame reference time is zero and proves nothing.", "Check the reference time."),
    "W-BACKCOMP-SPREAD": (
        "Counting back gives different times for different frames.",
        "Check the reference time.",
    ),
    "W-REFTIME-MINACQ": (
        "The earliest acquisition was taken as reference time; wrong when the first bed is missing.",
        "Check the reference time.",
    ),
    "W-ADMIN-DATE-INFERRED": (
        "Only the clock of the injection is given; its date was taken from the scan.",
        "Confirm the date of injection.",
    ),
    "W-ADMIN-DATE-IMPLAUSIBLE": (
        "The date of injection cannot be right; the scan's date was taken with the clock of the injection.",
        "Confirm the date of injection.",
    ),
    "W-MIDNIGHT": ("The injection was put on the day before the scan.", "Confirm the date of injection."),
    "W-TZ": (
        "The time of injection is written for another time zone, and the zone of the scan is unknown.",
        "Enter the time of injection on the clock of the scan.",
    ),
    "W-UPTAKE-NEGATIVE": (
        "The injection lies after the start of the scan: a dynamic scan, clocks that differ, or the night on "
        "which the clocks change.",
        "Check both times.",
    ),
    "W-UPTAKE-LONG": ("The scan lies more than eight half-lives after the injection.", "Check both times."),
    "W-INFUSION-SLOW": (
        "The infusion took more than a tenth of the half-life; one injection time is an approximation.",
        "Check the injection time.",
    ),
    "W-PHILIPS-FACTORS": (
        "The two Philips scale factors disagree by more than 1 %.",
        "Check weight, activity and times against the console.",
    ),
    "W-OVERRIDE-IGNORED": (
        "An entered value could not be applied.",
        "",
    ),
    "W-LBM-JAMES-BMI": ("The James formula is unreliable above a BMI of 40.", "Use Janmahasatian."),
    "W-ACTIVITY-BALANCE": (
        "The activity in the image does not fit the injected activity.",
        "Check the units of activity and pixels, and the times.",
    ),
    "I-OVERRIDE-UNUSED": ("An entered value plays no part here.", ""),
    "I-HALFLIFE-INFERRED": ("The header gives no half-life; the table's was used.", ""),
    "I-UPTAKE-DAYS": ("The scan lies more than a day after the injection.", "Confirm the date of injection."),
    "I-CORRECTIONS": ("Some corrections are not declared.", ""),
    "I-PROMPT-GAMMAS": ("Prompt gammas of this nuclide bias the quantification.", ""),
    "I-BRANCHING": ("The concentrations were corrected for the positron fraction, as entered.", ""),
    "I-SIEMENS-ASSAY": (
        "Siemens often writes the time of the syringe's assay here: read the uptake time as time since the "
        "reference of the activity.",
        "",
    ),
    "I-CANON-SUV": ("A private element says that the values are SUVbw times 100.", "Confirm it to use them."),
    "I-MOLECUBES-SUV": (
        "This maker's files without a rescale type may hold SUV instead of Bq/ml.",
        "Confirm the unit of the pixel values.",
    ),
}
