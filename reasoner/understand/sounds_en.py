"""How words are pronounced that a usual English dictionary lacks, in ARPAbet without stress.

A second pronunciation stands under the word with `(2)` behind it, as in the CMU dictionary: how a word is read off
the box by somebody who has never heard it.
"""

from __future__ import annotations

SOUNDS = {
    # signs of listening
    "mm-hm": "M HH M",
    # names
    "anjali": "AA N JH AH L IY",
    "anya": "AA N Y AH",
    "arun": "AA R UW N",
    "camila": "K AH M IY L AH",
    "divya": "D IH V Y AH",
    "esperanza": "EH S P ER AA N Z AH",
    "kaur": "K AW R",
    "lakshmi": "L AA K SH M IY",
    "marisol": "M AA R IY S OW L",
    "noor": "N UH R",
    "novikov": "N OW V IH K AO F",
    "petrov": "P EH T R AO F",
    "priya": "P R IY Y AH",
    "rajesh": "R AA JH EH SH",
    "vijay": "V IY JH EY",
    "volkov": "V OW L K AO F",
    "ximena": "HH IY M EY N AH",
    # medicines, which letters mislead about
    "amlodipine": "AE M L OW D IH P IY N",
    "atorvastatin": "AH T AO R V AH S T AE T IH N",
    "atorvastatin(2)": "AH T ER V AE S T EY T AH N",
    "azithromycin": "AH Z IH TH R OW M AY S IH N",
    "cephalexin": "S EH F AH L EH K S IH N",
    "ciprofloxacin": "S IH P R OW F L AA K S AH S IH N",
    "codeine": "K OW D IY N",
    "codeine(2)": "K OW D AY N",
    "doxycycline": "D AA K S IY S AY K L IY N",
    "fluticasone": "F L UW T IH K AH S OW N",
    "gabapentin": "G AE B AH P EH N T IH N",
    "hydrochlorothiazide": "HH AY D R OW K L AO R OW TH AY AH Z AY D",
    "hydrocodone": "HH AY D R OW K OW D OW N",
    "levothyroxine": "L IY V OW TH AY R AA K S IY N",
    "lipitor": "L IH P IH T AO R",
    "lisinopril": "L IH S IH N AH P R IH L",
    "lisinopril(2)": "L AY Z IH N AH P R IH L",
    "losartan": "L OW S AA R T AH N",
    "metformin": "M EH T F AO R M IH N",
    "metoprolol": "M EH T OW P R AH L AA L",
    "naproxen": "N AH P R AA K S AH N",
    "omeprazole": "OW M EH P R AH Z OW L",
    "oxycodone": "AA K S IY K OW D OW N",
    "pantoprazole": "P AE N T OW P R AH Z OW L",
    "prednisone": "P R EH D N IH S OW N",
    "sertraline": "S ER T R AH L IY N",
    "simvastatin": "S IH M V AH S T AE T IH N",
    "tramadol": "T R AE M AH D AA L",
    "warfarin": "W AO R F ER IH N",
    # ailments and insurers
    "earache": "IH R EY K",
    "healthcare": "HH EH L TH K EH R",
    "permanente": "P ER M AH N EH N T EY",
}
