"""What a caller may be: names, complaints and the like that anybody who rings a clinic could have.

Every value comes with the ways of saying it that a listener should know; the first is the plain one.
"""

from __future__ import annotations

from collections.abc import Mapping

Stock = Mapping[str, tuple[str, ...]]
"""Value → ways to say it, in plain lower-case words."""

FIRST_NAMES = tuple(
    """james michael patricia robert jennifer linda david elizabeth barbara richard susan joseph jessica thomas
    karen christopher charles daniel nancy matthew sandra anthony emily kimberly andrew betty margaret joshua
    kenneth kevin amanda george melissa timothy deborah ronald jason rebecca edward jacob gary amy nicholas
    jonathan justin pamela brandon samantha benjamin gregory christine alexander patrick rachel jack dennis
    olivia tyler heather victoria peter""".split()
)
"""Drawn from. Without those that sound like another name (Mary and Merry, Eric and Erik, Alan and Allen)."""

OTHER_FIRST_NAMES = tuple(
    """mary john william sarah lisa mark steven paul donna michelle carol brian sharon jeffrey laura ryan cynthia
    dorothy eric kathleen angela shirley stephen emma larry brenda scott nicole anna samuel katherine helen
    patricia debra frank raymond carolyn janet maria jerry aaron catherine jose diane adam julie nathan henry joyce
    lauren walter kelly carlos ana juan fatima simon jean grace claire martin dana alice arthur
    bruce clara craig derek diana ellen ethan felix fiona gloria harold irene jasmine joan keith leon louis lucy
    marcus megan monica natalie noah oscar philip ralph rosa ruth sophia stella terry tina tony vera vincent
    wendy""".split()
)
"""Known, so that a name that was misheard can be told from the right one."""

LAST_NAMES = tuple(
    """johnson williams garcia miller davis rodriguez martinez wilson anderson taylor jackson thompson harris
    sanchez ramirez robinson walker torres hill flores adams nelson baker rivera campbell mitchell carter
    roberts gomez phillips evans turner diaz parker collins morris murphy rogers morgan cooper peterson bailey
    howard watson brooks bennett patterson hughes foster jenkins powell sullivan henderson coleman butler
    simmons alexander hamilton graham griffin wallace""".split()
)

OTHER_LAST_NAMES = tuple(
    """smith brown jones hernandez lopez gonzalez thomas moore martin lee perez white clark lewis young allen king
    scott nguyen green hall cruz edwards reyes stewart cook ortiz reed kelly ramos kim cox ward richardson wood
    james gray mendoza ruiz price alvarez castillo sanders patel myers long ross perry russell bell barnes
    fisher vasquez romero jordan reynolds moreno west cole hayes bryant herrera gibson ellis tran medina stevens
    murray ford castro marshall owens harrison fernandez mcdonald woods washington kennedy wells vargas henry
    freeman webb tucker burns crawford olson simpson porter hunter gordon silva shaw snyder mason dixon hunt
    hicks holmes palmer wagner black robertson boyd stone salazar fox warren mills meyer rice schmidt daniels
    ferguson nichols stephens soto weaver ryan gardner payne kelley dunn pierce arnold tran spencer peters
    hawkins grant hansen hoffman hart elliott cunningham knight carlson adler keller cohen chan chang singh khan
    walsh novak lambert nolan becker norris barker berry terry gates bates barrett garrett roman drake truman
    sherman norman herman newman chapman goodman hoffmann holloway quinn quincy abbott abernethy bartlett
    battle beasley benton blackburn bowman bradford bradley brewer briggs buchanan bullock cannon carroll carson
    castellanos chandler chase christian clayton cline conner conway cortez daugherty davenport decker delgado
    dillard dodson donovan dorsey drew duncan durham estrada farmer feather finch fitzgerald fleming flynn
    franklin frazier fuller gallagher garner gilbert glover gould greene gross guerrero hale hampton harding
    harmon hensley hobbs hodges hogan horton houston huffman hull ingram jacobs jarvis kane keith kemp kirby lamb
    lawson leach logan lowe lucas lynch mack malone manning marsh mathis mcbride mccarthy mckenzie melton merritt
    middleton monroe moody moran morrow moss mullins nash navarro nixon noble oliver osborne
    pacheco parrish parsons pearson phelps pittman pope potter pratt quigg ramsey randall reeves rhodes riley
    rojas roth rowe rush salinas sawyer sellers sharp shelton sherwood singleton sloan solomon sparks stanley
    steele stokes strickland stuart summers sutton sweeney swanson tate tillman townsend tyler underwood valdez
    vance vander vaughn vega villa wade wagoner wall walters warner weber welch wheeler whitaker wiggins wilcox
    wilkins willis winters wolf wolfe woodard wyatt yates york zimmerman""".split()
)

RARE_LAST_NAMES = tuple(
    """kowalczyk okonkwo szymanski abernathy featherstonehaugh papadakis lindqvist thorvaldsen
    zielinski hargreaves ostrowski quigley vandermeer wojcik iglesias drummond castellano
    bartholomew eisenhardt pemberton""".split()
)
"""A usual list of names lacks these: they have to be spelled."""

REASONS: Stock = {
    "check-up": ("check up", "checkup", "a check up", "physical", "annual physical"),
    "back pain": ("back pain", "my back hurts", "backache", "sore back"),
    "headache": ("headache", "headaches", "migraine"),
    "cough": ("cough", "coughing", "bad cough", "a cold"),
    "sore throat": ("sore throat", "throat pain", "my throat hurts"),
    "rash": ("rash", "skin rash", "itchy skin"),
    "fever": ("fever", "high temperature", "chills"),
    "knee pain": ("knee pain", "my knee hurts", "bad knee", "sore knee"),
    "stomach pain": ("stomach pain", "stomach ache", "my stomach hurts", "belly pain"),
    "earache": ("earache", "ear ache", "ear pain", "my ear hurts", "ear infection"),
    "prescription refill": ("prescription refill", "refill", "renew my prescription"),
    "vaccination": ("vaccination", "vaccine", "flu shot"),
}

ALLERGIES: Stock = {
    "penicillin": ("penicillin",),
    "amoxicillin": ("amoxicillin",),
    "sulfa drugs": ("sulfa drugs", "sulfa"),
    "aspirin": ("aspirin",),
    "ibuprofen": ("ibuprofen",),
    "codeine": ("codeine", "codyne"),
    "latex": ("latex",),
    "peanuts": ("peanuts", "peanut"),
    "tree nuts": ("tree nuts", "nuts"),
    "shellfish": ("shellfish", "shrimp"),
    "eggs": ("eggs", "egg"),
    "milk": ("milk", "dairy"),
    "bee stings": ("bee stings", "bees"),
    "pollen": ("pollen", "hay fever"),
    "dust": ("dust", "dust mites"),
}

MEDICINES: Stock = {
    "lisinopril": ("lisinopril", "lysinopril"),
    "metformin": ("metformin",),
    "atorvastatin": ("atorvastatin", "lipitor"),
    "omeprazole": ("omeprazole",),
    "albuterol": ("albuterol",),
    "insulin": ("insulin",),
    "warfarin": ("warfarin",),
    "prednisone": ("prednisone",),
    "aspirin": ("aspirin",),
    "ibuprofen": ("ibuprofen",),
    "acetaminophen": ("acetaminophen", "tylenol"),
    "vitamins": ("vitamins", "vitamin"),
}

INSURANCES: Stock = {
    "Blue Cross": ("blue cross", "blue cross blue shield", "blue shield"),
    "Aetna": ("aetna",),
    "Cigna": ("cigna",),
    "United Healthcare": ("united healthcare", "united health care", "united health", "united"),
    "Humana": ("humana",),
    "Kaiser": ("kaiser", "kaiser permanente"),
    "Medicare": ("medicare",),
    "Medicaid": ("medicaid",),
    "self-pay": ("self pay", "pay myself", "pay yourself", "no insurance", "paying yourself", "not insured"),
}

# A caller's own allergies and medicines: without those that are on both lists, so that who hears one alone
# knows which it is.
OWN_ALLERGIES = (
    "penicillin", "amoxicillin", "codeine", "latex", "peanuts", "shellfish", "eggs", "milk", "bee stings",
    "pollen", "dust",
)  # fmt: skip
OWN_MEDICINES = (
    "lisinopril", "metformin", "omeprazole", "albuterol", "insulin", "warfarin", "prednisone", "vitamins",
)  # fmt: skip
OWN_INSURANCES = (
    "Blue Cross", "Aetna", "Cigna", "United Healthcare", "Humana", "Medicare", "self-pay",
)  # fmt: skip

NO_ALLERGIES = ("no allergies", "no known allergies", "no allergy", "not allergic")
NO_MEDICINES = ("no medicines", "no medications", "no medicine", "no medication")

SOUNDS = {
    # As some machines say them.
    "lysinopril": "L AY Z AH N AH P R AH L",
    "codyne": "K OW D AY N",
    "lisinopril": "L IH S IH N AH P R IH L",
    "metformin": "M EH T F AO R M IH N",
    "atorvastatin": "AH T AO R V AH S T AE T IH N",
    "omeprazole": "OW M EH P R AH Z OW L",
    "warfarin": "W AO R F ER IH N",
    "prednisone": "P R EH D N IH S OW N",
    "codeine": "K OW D IY N",
    "lipitor": "L IH P IH T AO R",
    "earache": "IH R EY K",
    "okonkwo": "AH K AA NG K W OW",
    "featherstonehaugh": "F EH DH ER S T OW N HH AO",
    "lindqvist": "L IH N D K V IH S T",
    "thorvaldsen": "TH AO R V AA L D S AH N",
    "healthcare": "HH EH L TH K EH R",
}
"""ARPAbet of words that the usual pronouncing dictionary lacks."""
