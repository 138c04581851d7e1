"""Sentences of strangers to a car rental, of each kind of slot: written before the parsers were looked at for them."""

from __future__ import annotations

import pytest

from reasoner.types import Channel, Intent, Value
from tests.reasoner.understand.made_flows import found, made, turn

RENTAL = made(
    "car rental",
    {
        "born": {
            "type": "date",
            "label": "date of birth",
            "past": True,
            "ask": "What is your date of birth?",
        },
        "pick_up": {
            "type": "date",
            "label": "pick-up date",
            "future": True,
            "ask": "When would you like to pick up the car?",
        },
        "bought": {"type": "date", "label": "purchase date", "past": True, "ask": "When did you buy it?"},
        "at": {"type": "time", "label": "pick-up time", "ask": "What time will you be there?"},
        "drivers": {
            "type": "number",
            "label": "number of drivers",
            "unit": "drivers",
            "ask": "How many drivers will there be?",
        },
        "days": {"type": "number", "label": "number of days", "unit": "days", "ask": "For how many days?"},
        "mileage": {
            "type": "number",
            "label": "mileage",
            "unit": "miles",
            "ask": "What does the odometer say?",
        },
        "deposit": {
            "type": "money",
            "unit": "dollars",
            "label": "deposit",
            "ask": "How much would you like to put down?",
        },
        "email": {"type": "email"},
        "phone": "phone",
        "pin": {"type": "digits", "length": "4-6", "label": "pass code"},
        "licence": {"type": "id", "length": "6-9", "label": "driver's license number"},
        "name": {"type": "person_name", "ask": "What is your name?"},
        "car": {
            "type": "choice",
            "ask": "What kind of car would you like?",
            "values": {
                "compact": ["small car"],
                "sedan": ["saloon"],
                "suv": ["four by four", "off-roader"],
                "van": ["minivan", "people carrier"],
                "convertible": ["open top"],
            },
            "no_preference": "any",
        },
        "extras": {
            "type": "list",
            "ask": "Which extras do you need?",
            "values": {
                "child seat": ["baby seat"],
                "navigation": ["gps", "sat nav"],
                "roof rack": [],
                "snow chains": ["winter tires"],
                "wifi": ["internet"],
            },
        },
        "insured": {"type": "yes_no", "ask": "Do you want full insurance?"},
        "damage": {"type": "yes_no", "ask": "Is the car damaged?"},
        "runs": {"type": "yes_no", "ask": "Does the engine start?"},
        "why": {"type": "text", "ask": "What happened?"},
        "remark": {"type": "text", "ask": "Is there anything else we should know?", "required": False},
    },
)

SAID = {
    'born': (
        ('the ninth of October, nineteen seventy-one', '1971-10-09'), ('I was born on March 3rd 1992', '1992-03-03'),
        ('12 August 1965', '1965-08-12'), ("oh it's July fourth, sixty eight", '1968-07-04'),
        ('nineteen eighty eight, February the twenty ninth', '1988-02-29'), ('2/11/79', '1979-02-11'), ('31.12.1999', '1999-12-31'),
        ("My birthday's on the 5th of May 2001", '2001-05-05'), ('december 25th 2003, a christmas baby', '2003-12-25'), ("sept 7 '84", '1984-09-07'),
        ('the first of the first nineteen ninety', '1990-01-01'), ('Jan. 2, 1955', '1955-01-02'), ('1978-06-30', '1978-06-30'),
        ("it's ten, twenty two, ninety four", '1994-10-22'), ('April 1st, two thousand and four', '2004-04-01'),
        ('that would be the 17th of November 1949', '1949-11-17'), ('August twenty-third, nineteen oh nine', '1909-08-23'),
        ('I was born in 1980, on the tenth of June', '1980-06-10'), ('born May 6 1990 in Leeds', '1990-05-06'),
        ('eleven eleven eighty one', '1981-11-11'), ('DOB is 04/05/1986', '1986-04-05'), ("June the 3rd, '77", '1977-06-03'),
        ('three slash fourteen slash eighty six', '1986-03-14'), ('the thirty-first of January 1970', '1970-01-31'), ('19 Feb 2000', '2000-02-19'),
    ),
    'pick_up': (
        ('the day after tomorrow', '2026-11-25'), ('this Saturday', '2026-11-28'), ('a week from Friday', '2026-12-04'),
        ('two weeks from today', '2026-12-07'), ('December the third', '2026-12-03'), ('on the thirtieth', '2026-11-30'),
        ('next Monday', '2026-11-30'), ('tomorrow if you can', '2026-11-24'), ('in ten days', '2026-12-03'),
        ('the second Saturday in December', '2026-12-12'), ('Christmas Eve', '2026-12-24'), ("New Year's Day", '2027-01-01'),
        ('Wednesday the 2nd', '2026-12-02'), ('first thing on Tuesday', '2026-11-24'), ('sometime around the 10th of January', '2027-01-10'),
        ('the last day of this month', '2026-11-30'), ('as soon as possible, so today', '2026-11-23'), ('Thursday week', '2026-12-03'),
        ('the 15th, please', '2026-12-15'), ('12/20', '2026-12-20'), ('how about the sixth of next month?', '2026-12-06'),
        ('Friday, no, make that Saturday', '2026-11-28'), ('I can come by this Friday afternoon', '2026-11-27'), ('March 1', '2027-03-01'),
        ('a fortnight from now', '2026-12-07'), ('the end of the week, so Friday', '2026-11-27'), ('next week Thursday', '2026-12-03'),
        ('on Sunday the 29th of November', '2026-11-29'),
    ),
    'bought': (
        ('three days ago', '2026-11-20'), ('last Tuesday', '2026-11-17'), ('a couple of weeks ago', '2026-11-09'),
        ('on the fourth of July', '2026-07-04'), ('the day before yesterday', '2026-11-21'), ('exactly one year ago', '2025-11-23'),
        ('it was the 12th of October this year', '2026-10-12'), ('yesterday evening', '2026-11-22'), ('on Halloween', '2026-10-31'),
        ('last month on the ninth', '2026-10-09'), ('August 30th of last year', '2025-08-30'), ('I got it on the 1st', '2026-11-01'),
        ('about ten days back', '2026-11-13'), ('two months ago', '2026-09-23'),
    ),
    'at': (
        ('quarter past nine', '09:15'), ('half past six in the evening', '18:30'), ("10 o'clock sharp", '10:00'), ('around noon', '12:00'),
        ('3pm', '15:00'), ('3:45 p.m.', '15:45'), ('eight thirty in the morning', '08:30'), ('twenty to five', '16:40'),
        ("I'll be there by eleven", '11:00'), ('fifteen hundred hours', '15:00'), ('at 9', '09:00'), ('a little after two', '14:00'),
        ('five to twelve', '11:55'), ('midnight', '00:00'), ('say, four-ish', '16:00'), ('early, seven a.m.', '07:00'), ('1400', '14:00'),
        ('ten past ten', '10:10'), ('nine oh five', '09:05'), ('about half past one', '13:30'), ('12:30', '12:30'), ('twelve thirty pm', '12:30'),
        ("between two and three, let's say two thirty", '14:30'), ('at 8 at night', '20:00'), ('six in the morning', '06:00'),
        ('quarter of three', '14:45'), ('ten forty five', '10:45'), ('not before ten', '10:00'), ('seven tomorrow morning', '07:00'),
        ('noon works', '12:00'), ('5:00', '17:00'), ('11 am would be great', '11:00'), ('half seven', '19:30'), ('0930', '09:30'),
    ),
    'drivers': (
        ('just me', 1), ('me and my husband', 2), ('two of us', 2), ('only one', 1), ("there'll be three", 3), ('3', 3), ('a couple', 2),
        ('my wife and I, so two', 2), ('four drivers in total', 4), ("one, that's me", 1), ("it's going to be 2 drivers", 2),
        ('five people will drive', 5), ('both of us will drive', 2),
    ),
    'days': (
        ('a week', 7), ('ten days', 10), ('a fortnight', 14), ('two weeks', 14), ('just the weekend', 2), ('three nights', 3), ('one day only', 1),
        ('for about five days', 5), ("5 or 6, let's say 6", 6), ('12', 12), ('half a dozen days', 6), ('twenty one days please', 21),
        ("it'll be 4 days", 4), ('a day', 1),
    ),
    'mileage': (
        ('forty two thousand', 42000), ('fifty three thousand six hundred and twelve', 53612), ('it says 118,400', 118400),
        ('one hundred and eighteen thousand four hundred miles', 118400), ('about 60k', 60000), ('nine thousand nine hundred ninety nine', 9999),
        ('just over twenty thousand', 20000), ('1 2 0 5 5', 12055), ('seven hundred', 700), ('eighty-seven thousand and five', 87005),
        ('a hundred thousand, give or take', 100000), ('six five four three two', 65432), ("zero, it's brand new", 0),
        ("it's on 31 thousand", 31000), ('three point five thousand', 3500),
    ),
    'deposit': (
        ('two hundred dollars', 200), ('$150', 150), ('150 bucks', 150), ('fifty', 50), ('twelve fifty', 12.5),
        ('a hundred and twenty dollars and fifty cents', 120.5), ('I could do forty a month', 40), ('$1,299.99', 1299.99),
        ('about three grand', 3000), ('five hundred would be the most', 500), ('twenty five dollars even', 25), ('one and a half thousand', 1500),
        ('ninety nine ninety nine', 99.99), ('1.5k', 1500), ('seventy-five cents', 0.75), ('make it an even thousand', 1000),
        ('no more than sixty dollars', 60), ('sixty, maybe seventy. No, sixty', 60), ("let's go with 80", 80), ('a hundred bucks tops', 100),
        ('I can only afford thirty five', 35), ('ten dollars', 10), ('a thousand two hundred', 1200), ('USD 400', 400),
    ),
    'email': (
        ('jane dot doe at gmail dot com', 'jane.doe@gmail.com'), ("it's mark underscore smith 77 at outlook dot com", 'mark_smith77@outlook.com'),
        ('info@acme-tools.co.uk', 'info@acme-tools.co.uk'), ('b o b at example dot org', 'bob@example.org'),
        ('my email is sara.lopez@yahoo.com', 'sara.lopez@yahoo.com'), ('k as in kilo dot jones at hotmail dot com', 'k.jones@hotmail.com'),
        ('tim dash the dash tool at proton dot me', 'tim-the-tool@proton.me'),
        ('You can reach me on Peter.Pan@Neverland.net.', 'peter.pan@neverland.net'), ('lee nine nine at mail dot com', 'lee99@mail.com'),
        ('all lower case, annabel at icloud dot com', 'annabel@icloud.com'), ('r smith, one word, at gmail dot com', 'rsmith@gmail.com'),
        ("it's contact at my hyphen garage dot net", 'contact@my-garage.net'), ('jo at uni dot edu', 'jo@uni.edu'),
        ('send it to d.k@x.io', 'd.k@x.io'), ('maria plus news at gmail dot com', 'maria+news@gmail.com'),
    ),
    'phone': (
        ('five five five, two three six, eight nine one one', '5552368911'), ('(212) 555-0143', '2125550143'),
        ('area code four one five, then five five five, oh one three two', '4155550132'), ("it's 646.555.0199", '6465550199'),
        ('one eight hundred five five five twelve thirty four', '8005551234'), ('+1 305 555 0111', '3055550111'),
        ('two oh two, triple five, oh one eight six', '2025550186'), ('six one seven five five five zero one double seven', '6175550177'),
        ('my cell is 503-555-0148', '5035550148'), ("Sure, it's three one two. Five five five. Oh one oh one.", '3125550101'),
        ('seven one three, five fifty five, nineteen nineteen', '7135551919'), ('call me on 4045550160', '4045550160'),
        ('the number is five one oh five five five oh one nine oh', '5105550190'), ('8 0 1 5 5 5 0 1 2 3', '8015550123'),
        ('eight one eight, five five five, twenty twenty', '8185552020'),
    ),
    'pin': (
        ('one two three four', '1234'), ('4 7 1 1', '4711'), ('double oh seven five', '0075'), ("it's nine nine oh one", '9901'),
        ('the code is 556677', '556677'), ('eleven twelve', '1112'), ('three, then two, then eight, and a zero', '3280'),
        ('two thousand and five', '2005'), ('nineteen eighty four', '1984'), ('triple eight one', '8881'), ('oh four oh four', '0404'),
        ("my pass code's six six two five one", '66251'), ('zero zero zero one', '0001'),
        ("that's seven, seven, three, no sorry, seven, seven, four, two", '7742'), ('5-0-2-9', '5029'), ('forty two forty two', '4242'),
    ),
    'licence': (
        ('A B one two three four', 'AB1234'), ('x as in x-ray, nine, nine, zero, two, one, q', 'X99021Q'), ('K7F22P', 'K7F22P'),
        ('d for david, 448 812', 'D448812'), ('it is B, as in boy, 55 61 90', 'B556190'),
        ('M like mother, C like charlie, triple zero, eight', 'MC0008'), ('s one four seven dash three three two', 'S147332'),
        ('capital g, capital h, 5 6 7 8', 'GH5678'), ('T 100 200 3', 'T1002003'), ('alpha bravo seven seven one two', 'AB7712'),
        ('Z-99-12-AB', 'Z9912AB'), ("that's e e 1 2 double 3", 'EE1233'), ('w w one oh four four', 'WW1044'),
        ('p for peter one two three four five six seven', 'P1234567'),
    ),
    'name': (
        ('Ngozi Adeyemi', 'Ngozi Adeyemi'), ("It's Marie-Claire Dubois", 'Marie-Claire Dubois'), ('this is Bob, Bob Hartley', 'Bob Hartley'),
        ("My name is Siobhan O'Leary", "Siobhan O'Leary"), ("you're speaking with Dr. Anita Rao", 'Anita Rao'), ('Peter', 'Peter'),
        ('Mr. Johnson', 'Johnson'), ("the name's Kowalski, Jan Kowalski", 'Jan Kowalski'), ('Sure, Priya Patel.', 'Priya Patel'),
        ('hi, I am called Tuan Nguyen', 'Tuan Nguyen'), ('Elena Petrova, E-l-e-n-a', 'Elena Petrova'),
        ('first name Omar, last name Haddad', 'Omar Haddad'), ('Grace Kim here', 'Grace Kim'),
        ("It should be under my wife's name, Julia Stone", 'Julia Stone'), ("Yes, it's Hiroshi Tanaka", 'Hiroshi Tanaka'),
        ('you can call me Zoe', 'Zoe'), ("mike o'donnell", "Mike O'Donnell"),
    ),
    'car': (
        ('something small, a compact would do', 'compact'), ('an SUV please', 'suv'), ('whatever you have', 'any'), ("I don't mind", 'any'),
        ('a minivan, we have four kids', 'van'), ('could I get the convertible?', 'convertible'), ('not the van, the sedan', 'sedan'),
        ("I'd prefer a saloon", 'sedan'), ('small', 'compact'), ('the open-top one', 'convertible'), ("an off roader if you've got one", 'suv'),
        ("sedan or suv, let's say suv", 'suv'), ('the cheapest, so a compact I guess', 'compact'), ('what about a van?', 'van'),
        ('a four-by-four', 'suv'), ('no preference', 'any'), ('do you have any minivans?', 'van'), ('suv.', 'suv'), ('a compct', 'compact'),
        ('vans', 'van'), ('surprise me', 'any'),
    ),
    'extras': (
        ('a child seat and gps', ('child seat', 'navigation')), ('none', ()), ('nothing, thanks', ()), ('just the roof rack', ('roof rack',)),
        ('snow chains please', ('snow chains',)), ('baby seat, sat nav and internet', ('child seat', 'navigation', 'wifi')),
        ("I don't need any", ()), ("we'll need two child seats", ('child seat',)), ('no extras', ()),
        ('winter tires and, um, a gps', ('snow chains', 'navigation')), ('not really', ()), ('all I need is navigation', ('navigation',)),
        ('can I have the snow chains as well as wifi', ('snow chains', 'wifi')),
    ),
    'insured': (
        ('yes, full cover', True), ("nah, I'm covered by my credit card", False), ('I think so, yeah', True), ('why not', True),
        ("I'd rather have it, yes", True), ('definitely', True), ('no need', False), ("that's not necessary", False), ('go for it', True),
        ('absolutely not', False), ('sure, sign me up', True), ('of course I do', True), ('I do', True), ("I don't think I need it", False),
        ('yes please, the full one', True), ('not this time', False), ('no, my own covers me', False), ("I'd like that", True),
        ('uh-huh, yeah', True), ('you bet', True), ('I suppose so', True), ('might as well', True), ('no way', False), ('I want it', True),
        ("I don't want it", False), ('nope, all good', False), ("that's a yes", True), ('better safe than sorry, so yes', True),
        ('yes I do want that', True), ("no I don't want that", False),
    ),
    'damage': (
        ("there's a scratch on the door, so yes", True), ('not that I can see', False), ("no, it's in perfect shape", False), ('it is, yes', True),
        ("it isn't", False), ('yes, the bumper is dented', True), ("I'm afraid so", True), ('only a little', True), ('a bit, yeah', True),
        ('no damage at all', False), ("it's damaged", True), ("it's not damaged", False), ('not damaged', False), ('no visible damage', False),
        ('it has some damage', True),
    ),
    'runs': (
        ('it does', True), ("it doesn't", False), ("it won't start", False), ('it starts', True), ('it starts fine', True),
        ('no it just clicks', False), ('yes but it stalls right away', True), ('not at all', False), ('nope, dead', False),
        ("the engine doesn't start", False), ('the engine starts but makes a noise', True), ("it turns over but doesn't start", False),
        ("yeah it's running now", True), ("I can't get it to start", False),
    ),
    'why': (
        ('Somebody backed into me at the supermarket', 'Somebody backed into me at the supermarket'), ('well, I hit a deer', 'I hit a deer'),
        ('the window was smashed overnight', 'the window was smashed overnight'),
    ),
}  # fmt: skip

PROSE = {
    'why': (
        "I don't know really, it just stopped", 'um, the light came on and then it died', 'My manager told me to bring it back early',
        'No idea, I found it like that', 'It was stolen on Friday', 'I have been waiting for an hour and nobody came', 'yes, a truck hit the mirror',
        'I want to return it early because of the weather', 'the agent at the desk gave me the wrong car', 'nothing happened, I only want to extend',
        'first the brakes squeaked, then they failed', 'It says error 42 on the display',
        "hold on, it's a long story. So I was driving home and it stopped",
    ),
    'remark': (
        "I'll be late, my flight lands at nine", 'please leave it with a full tank', "just that I'm bringing a dog", 'we need it clean',
        'only that my wife may pick it up',
    ),
}  # fmt: skip

WANTED = {
    'born': (
        ('get me a real person please', 'human'), ('can I just talk to somebody who works there', 'human'),
        ("I'd like to speak to your supervisor", 'human'), ("this isn't working, put me through to someone", 'human'),
        ('is there a human I can talk to', 'human'), ('operator please', 'human'), ("I don't want to talk to a robot", 'human'),
        ('let me talk to a person', 'human'), ('could you connect me with an agent', 'human'), ('I need to speak with a manager now', 'human'),
        ('sorry, what was that?', 'repeat'), ('come again?', 'repeat'), ('could you say that one more time', 'repeat'),
        ("I didn't quite hear you", 'repeat'), ('pardon?', 'repeat'), ('what did you ask me', 'repeat'), ("you're breaking up", 'repeat'),
        ('say again please', 'repeat'), ('I missed that, sorry', 'repeat'), ('can you repeat the question please', 'repeat'), ('what?', 'repeat'),
        ('huh?', 'repeat'), ("I couldn't understand that", 'repeat'), ('could you speak a little slower please', 'repeat'),
    ),
    'licence': (
        ('hang on', 'wait'), ('just a sec', 'wait'), ('one moment please', 'wait'), ('let me find my wallet', 'wait'),
        ('give me a minute, I have to get it', 'wait'), ('hold on a moment while I look', 'wait'), ('bear with me', 'wait'),
        ('I need to go and get it', 'wait'), ('wait a second please', 'wait'), ('let me see where I put it', 'wait'),
        ("it's in the car, one second", 'wait'), ('can you hold on for a minute', 'wait'), ("I'm looking for it", 'wait'),
        ('I have no idea', 'dont_know'), ("I can't remember it", 'dont_know'), ('no clue', 'dont_know'),
        ("I don't have it on me right now", 'dont_know'), ("I don't know it by heart", 'dont_know'), ("haven't got it with me", 'dont_know'),
        ('I forgot it', 'dont_know'), ("I'm not sure what that is", 'dont_know'), ('beats me', 'dont_know'), ("I'd have to guess", 'dont_know'),
        ("couldn't tell you", 'dont_know'),
    ),
    'phone': (
        ("I'd rather not give that out", 'refuse'), ("that's none of your business", 'refuse'), ("I'm not comfortable sharing that", 'refuse'),
        ('I prefer not to say', 'refuse'), ("no, that's private", 'refuse'), ("I won't tell you that", 'refuse'),
        ("do I have to? I'd rather not", 'refuse'), ("I don't want to give you my phone number", 'refuse'),
    ),
    'remark': (
        ('skip', 'skip'), ('next question please', 'skip'), ("let's skip this one", 'skip'), ('can we move on', 'skip'), ('pass', 'skip'),
    ),
    'car': (
        ('forget it', 'cancel'), ("never mind, I'll call back later", 'cancel'), ("I changed my mind, I don't want it anymore", 'cancel'),
        ('cancel the whole thing', 'cancel'), ('please stop, I want to end this', 'cancel'), ('bye', 'goodbye'), ('okay, goodbye then', 'goodbye'),
        ('have a nice day, bye', 'goodbye'), ('I have to go, bye', 'goodbye'), ('I need to change something I said', 'correct'),
        ('I made a mistake earlier', 'correct'), ('can we go back', 'correct'), ('let me correct something', 'correct'),
    ),
}  # fmt: skip

ASKED = {
    'car': (
        'how much is the convertible per day?', 'do you allow dogs in the car', "what's the difference between a sedan and a compact",
        'where are you located', 'are you open on sundays', 'is there a fee for a second driver', 'do I need a credit card',
        'how old do I have to be', 'can I return it somewhere else', 'who pays for the gas', 'what happens if I bring it back late',
        'before that, is insurance included', 'I was wondering whether you deliver', 'will it have air conditioning', 'which one is the cheapest',
    ),
    'born': (
        'why do you need that?', 'what do you need my date of birth for', 'is that really necessary?', 'do you store this somewhere',
        'how long will this take', 'are you a real person?', 'is this call recorded', "what's your opening time on Saturday",
    ),
    'phone': (
        'will you call me or text me?', 'who gets to see my number?', 'do you want my cell or my landline',
    ),
}  # fmt: skip

NOTHING = {
    'bought': (
        'January 2024',
    ),
    'deposit': (
        'nothing right now',
    ),
    'phone': (
        'nine one seven five five five ninety nine hundred',
    ),
    'insured': (
        "I'll skip the insurance",
    ),
    'damage': (
        'not a scratch', 'looks fine to me',
    ),
    'runs': (
        'it did this morning',
    ),
    'remark': (
        'no',
    ),
    'born': (
        'mm-hmm', 'okay', 'uh', 'I see', 'right', 'well', 'alright', 'let me think', 'you know', 'hmm',
    ),
    'pin': (
        'okay', 'yes', 'no problem',
    ),
}  # fmt: skip


def plain(value: Value) -> Value:
    return value.casefold().strip(" .") if isinstance(value, str) else value


@pytest.mark.parametrize(
    ("slot", "words", "value"), [(slot, *pair) for slot, pairs in SAID.items() for pair in pairs]
)
def test_a_value_is_found_and_no_other(slot: str, words: str, value: Value) -> None:
    values = {name: plain(one) for name, one in found(turn(RENTAL, words, slot)).items()}
    assert values == {slot: plain(value)}


@pytest.mark.parametrize(
    ("slot", "words"), [(slot, words) for slot, several in PROSE.items() for words in several]
)
def test_a_story_is_taken_as_it_is_told(slot: str, words: str) -> None:
    assert list(found(turn(RENTAL, words, slot))) == [slot]


@pytest.mark.parametrize(
    ("slot", "words", "intent"), [(slot, *pair) for slot, pairs in WANTED.items() for pair in pairs]
)
def test_what_else_is_wanted(slot: str, words: str, intent: str) -> None:
    understood = turn(RENTAL, words, slot)
    assert Intent(intent) in understood.intents
    assert not found(understood)


@pytest.mark.parametrize(
    ("slot", "words"), [(slot, words) for slot, several in ASKED.items() for words in several]
)
def test_a_question_is_asked_and_nothing_told(slot: str, words: str) -> None:
    understood = turn(RENTAL, words, slot)
    assert understood.question
    assert not found(understood)


@pytest.mark.parametrize("channel", [Channel.TEXT, Channel.SPEECH])
@pytest.mark.parametrize(
    ("slot", "words"), [(slot, words) for slot, several in NOTHING.items() for words in several]
)
def test_nothing_is_told(slot: str, words: str, channel: Channel) -> None:
    assert not found(turn(RENTAL, words, slot, channel=channel))
