"""What a clinic asks its callers, and how English speaks of it."""

from __future__ import annotations

from reasoner.understand.errands_en import Topic

TOPICS = (
    Topic(
        stems=("birth",),
        names=("date of birth", "birthday", "birth date"),
        carriers=("my date of birth is", "my birthday is", "i was born on", "i was born"),
        read_carriers=("born", "date of birth", "my birth date is", "birth date is", "born on", "birthday", "date of birth is", "my dob is", "dob"),
        against=("my date of birth is not", "my birthday is not", "i was not born on"),
    ),
    Topic(
        stems=("phone", "telephone", "cell", "mobile"),
        names=("phone number", "number", "phone"),
        carriers=(
            "my number is", "my phone number is", "the number is", "you can reach me at",
        ),
        read_carriers=(
            "my phone is", "my cell phone is", "my cell is", "phone number", "my telephone number is",
            "my cell number is", "my cell phone number is", "my mobile is", "number is",
            "my mobile number is", "you can call me at", "call me at", "reach me at", "call me on", "phone is",
            "the phone number is", "the best number is", "my best number is", "number", "phone",
            "phone number is",
            "my home number is", "my work number is", "you can call me on", "you can reach me on", "reach me on",
            "you can get me at", "you can get me on", "try me at", "try me on", "my contact number is",
            "you can call me back at", "you can call me back on", "call me back at", "call me back on",
            "the best one is", "best one is", "best number is",
        ),
        against=("my number is not", "my phone number is not"),
    ),
    Topic(
        stems=("allerg",),
        names=("allergies", "allergy"),
        carriers=("i'm allergic to", "i am allergic to", "allergic to", "i'm also allergic to", "i have an allergy to"),
        read_carriers=(
            "i'm also allergic to", "also allergic to", "i have allergies to", "i react to", "i can't have",
            "i have a reaction to", "my allergies are", "my allergy is", "allergy to", "allergies to",
            "i've got an allergy to", "i'm really allergic to", "i'm very allergic to",
            "i'm severely allergic to",
        ),
        nones=(
            "no allergies", "no known allergies", "i don't have any allergies", "i have no allergies",
            "i'm not allergic to anything",
        ),
        read_nones=(
            "no allergy", "i have no known allergies", "i don't have allergies", "not allergic to anything",
            "i am not allergic to anything", "i'm not allergic", "i do not have any allergies", "not allergic",
            "no i'm not allergic to anything", "no i don't have any allergies", "no allergies at all",
            "no allergies that i know of", "i have no allergies that i know of", "without allergies",
        ),
        against=("i'm not allergic to", "i am not allergic to", "not allergic to", "no longer allergic to"),
    ),
    Topic(
        stems=("medic", "drug", "pill"),
        names=("medicines", "medications", "medicine", "medication"),
        carriers=("i take", "i'm taking", "i'm on", "i also take", "i am taking"),
        read_carriers=(
            "i am on", "i use", "i'm using", "taking", "i take some", "i'm also taking", "i'm also on",
            "my medicines are",
            "my medications are", "i do take", "i only take", "i just take", "i have been taking",
            "i've been taking",
            "i regularly take", "they gave me", "i was prescribed", "i'm prescribed",
        ),
        nones=(
            "no medicines", "no medications", "no medicine", "no medication", "i don't take anything",
            "i don't take any medicine", "i don't take any medicines", "i take nothing", "i don't take any",
        ),
        read_nones=(
            "i don't take any medication", "i don't take any medications", "no meds",
            "i don't take medicine", "i don't take medicines", "i don't take medication", "i take no medicine",
            "i take no medicines", "i take no medication", "i take no medications", "i'm not taking anything",
            "i'm not on anything", "i am not taking anything", "i'm not taking any medicine", "no pills",
            "i'm not taking any medication", "i'm not on any medication", "i'm not on any medications",
            "i do not take any medicine", "i do not take anything", "i don't use any",
            "no i don't take anything",
            "no i don't take any", "i don't take any drugs", "i'm not taking any",
        ),
        against=("i don't take", "i do not take", "i'm not taking", "i'm not on", "i no longer take", "i stopped taking"),
    ),
    Topic(
        stems=("insur", "coverage", "payer"),
        names=("insurance",),
        carriers=("my insurance is", "i have", "i'm with", "insurance is", "i've got", "my insurance is with"),
        read_carriers=(
            "i am with", "i'm insured with", "i am insured with", "i'm insured by", "i'm covered by", "i use",
            "insurance",
            "it's with", "through", "my insurer is", "my insurance company is", "my plan is",
            "i have insurance with",
            "i switched to", "i'm on", "i got", "my insurance provider is",
        ),
        against=("i don't have", "i do not have", "i'm not with", "not with"),
    ),
    Topic(
        stems=("reason", "symptom", "complaint", "concern", "problem"),
        names=("reason", "reason for my visit"),
        carriers=(
            "i'm calling about", "it's about", "i have", "i've got", "i need", "i'm calling because",
            "it's for",
        ),
        read_carriers=(
            "i am calling about", "i'm calling for", "i'm coming in for", "i'm here for", "i want",
            "because of", "i'm calling because of", "i am calling because", "i want a",
            "i'd like", "i would like", "i'd like a", "i would like a", "i am here for", "i'm coming for",
            "about",
            "my reason is", "the reason is", "the reason for my visit is", "the reason for the visit is",
            "because",
            "my reason for the visit is", "my reason for visiting is", "i've been having", "i have been having",
            "i've had", "i have had", "i have this", "i have got", "i got", "i suffer from",
            "i'm suffering from",
            "i want to come in for", "i need to come in for", "i'd like to come in for", "i am having",
            "i'm having",
            "i want to see someone about", "i need to see someone about", "i need to see a doctor about",
            "i want to see a doctor about", "i'd like to see a doctor about", "it's because of", "it is about",
        ),
        against=("i don't have", "i do not have", "it's not about", "it's not", "i don't need"),
        counts=True,
    ),
)  # fmt: skip
