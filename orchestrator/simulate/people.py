"""Who rings: names of many places, and what goes with a person. No real person is meant."""

from __future__ import annotations

import random
import unicodedata

GIVEN = {
    "english": "James Mary Robert Patricia Michael Linda Susan Joseph Karen Thomas Nancy Daniel Betty Helen Sharon "
    "Kevin Brian George Amy Angela Ruth Gary Nicholas Emma Olivia Liam Noah Grace Hannah Ethan Dylan Megan",
    "spanish": "Maria Jose Carmen Luis Carlos Rosa Juan Elena Miguel Lucia Diego Pilar Javier Alejandra Rafael Sofia",
    "german": "Hans Ursula Klaus Heike Jürgen Monika Stefan Anke Wolfgang Greta Lukas Frieda",
    "french": "Pierre Chloé Jean Amélie Luc Camille Antoine Margaux Étienne Noémie",
    "polish": "Piotr Agnieszka Tomasz Katarzyna Marek Joanna Zbigniew Ewa Krzysztof Magdalena",
    "indian": "Priya Rahul Ananya Vikram Deepa Arjun Lakshmi Sanjay Kavita Rohan Meera Suresh",
    "chinese": "Wei Mei Jian Ling Hao Xiu Ming Yan Jun Li",
    "arabic": "Mohammed Fatima Omar Layla Ahmed Yasmin Khalid Amina Hassan Noor",
    "vietnamese": "Linh Minh Thanh Huong Tuan Lan Duc Phuong",
    "african": "Kwame Amara Chidi Ngozi Thabo Zola Kofi Adaeze Tendai Abena",
    "italian": "Giovanni Francesca Marco Giulia Luca Chiara Paolo Alessia",
    "nordic": "Lars Ingrid Bjorn Astrid Erik Freya Sven Solveig",
    "japanese": "Kenji Yuki Hiroshi Sakura Takashi Aiko Haruto Naomi",
    "russian": "Dmitri Olga Sergei Natasha Ivan Svetlana Boris Irina",
}
FAMILY = {
    "english": "Smith Johnson Williams Brown Jones Miller Davis Wilson Moore Taylor Jackson White Harris Clark Lewis "
    "Walker Hall Young King Wright Hill Green Baker Carter Mitchell Roberts Phillips Parker Cook Reed Cooper "
    "Barnes Fisher O'Brien Hughes Pemberton Whitaker Ashworth",
    "spanish": "Garcia Martinez Lopez Hernandez Gonzalez Perez Sanchez Ramirez Torres Flores Ortiz Vasquez Castillo",
    "german": "Müller Schmidt Schneider Fischer Weber Wagner Becker Hoffmann Schäfer Krüger Zimmermann",
    "french": "Dubois Moreau Laurent Lefebvre Girard Rousseau Fontaine Beaumont",
    "polish": "Nowak Kowalski Wisniewski Wojcik Kaminski Lewandowski Zielinski Szymanski",
    "indian": "Patel Sharma Gupta Singh Kumar Reddy Iyer Chatterjee Mehta Krishnamurthy",
    "chinese": "Wang Li Zhang Liu Chen Huang Zhao Wu Zhou Xu",
    "arabic": "Hassan Rahman Haddad Khalil Mansour Farouk Nasser Aziz",
    "vietnamese": "Nguyen Tran Pham Hoang Vu Dang",
    "african": "Okafor Mensah Adeyemi Nkosi Dlamini Achebe Diallo Mwangi",
    "italian": "Rossi Russo Ferrari Esposito Bianchi Romano Ricci Marino",
    "nordic": "Hansen Johansson Nilsson Larsen Andersson Lindqvist Berg",
    "japanese": "Tanaka Suzuki Watanabe Yamamoto Nakamura Kobayashi Ito",
    "russian": "Ivanov Petrov Smirnova Volkov Sokolov Kuznetsova",
}
MAIL_HOSTS = (
    "gmail.com yahoo.com outlook.com hotmail.com icloud.com aol.com proton.me comcast.net example.org"
)
AREA_CODES = "212 415 312 617 206 305 512 602 702 808 919 503 614 804 413 970 405 316"
TEXTS = (
    "the water in the kitchen has been dripping since monday",
    "i was told somebody would call me back and nobody did",
    "it makes a grinding noise whenever i start it",
    "please leave it with the neighbour in number twelve",
    "the screen stays black and there is a red light blinking",
    "we would like to sit by the window if that is possible",
    "my daughter fell on the stairs and her wrist is swollen",
    "there is a smell of smoke near the old boiler",
    "the package came open and half of it was missing",
    "i would rather get a letter than another call",
    "a man in a blue van backed into my fence",
    "it worked fine until the storm last week",
)


def person(rng: random.Random) -> tuple[str, str]:
    """Given and family name, mostly of one place, as people move about not always."""
    home = rng.choice(list(GIVEN))
    away = rng.choice(list(FAMILY)) if rng.random() < 0.25 else home
    return rng.choice(GIVEN[home].split()), rng.choice(FAMILY[away].split())


def mail_address(rng: random.Random, given: str, family: str) -> str:
    """One that such a person could have: lower case, plain letters."""
    first, last = plain(given), plain(family)
    local = rng.choice(
        (
            f"{first}.{last}",
            f"{first}{last}",
            f"{first[0]}{last}",
            f"{first}_{last}",
            f"{first}{rng.randint(10, 99)}",
            f"{first}.{last}{rng.randint(1, 99)}",
            f"{last}-family",
        )
    )
    return f"{local}@{rng.choice(MAIL_HOSTS.split())}"


def plain(text: str) -> str:
    """Lower-case letters and digits only, without accents."""
    return "".join(char for char in fold(text) if char.isalnum())


def fold(text: str) -> str:
    """Lower case, accents taken off."""
    spread = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    return "".join(char for char in spread if not unicodedata.combining(char))
