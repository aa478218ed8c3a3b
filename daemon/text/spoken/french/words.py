"""French: units, currencies, abbreviations, the feminine nouns that are often counted."""

from __future__ import annotations

from typing import Final

from daemon.text.spoken.european.nouns import genders, nouns

UNITS: Final = nouns(
    """
    m: km=kilomètre+s, m=mètre+s, cm=centimètre+s, mm=millimètre+s, µm=micromètre+s, nm=nanomètre+s, l L=litre+s
    m: ml mL=millilitre+s, cl=centilitre+s, dl=décilitre+s, hl=hectolitre+s, m²=mètre carré|mètres carrés
    m: km²=kilomètre carré|kilomètres carrés
    m: cm²=centimètre carré|centimètres carrés, m³=mètre cube|mètres cubes, cm³=centimètre cube|centimètres cubes
    m: ha=hectare+s
    m: kg=kilogramme+s, kilo kilos=kilo+s, g=gramme+s, mg=milligramme+s, µg=microgramme+s, W=watt+s, kW=kilowatt+s
    m: MW=mégawatt+s, GW=gigawatt+s
    m: mW=milliwatt+s, V=volt+s, mV=millivolt+s, kV=kilovolt+s, A=ampère+s, mA=milliampère+s, Ω=ohm+s, kΩ=kiloohm+s
    m: Hz=hertz
    m: kHz=kilohertz, MHz=mégahertz, GHz=gigahertz, ko Ko kB KB=kilooctet+s, Mo MB=mégaoctet+s, Go GB=gigaoctet+s
    m: To TB=téraoctet+s
    m: kbit=kilobit+s, Mbit=mégabit+s, Gbit=gigabit+s, Pa=pascal+s, hPa=hectopascal+s, kPa=kilopascal+s, bar=bar+s
    m: mbar=millibar+s
    m: dB=décibel+s, lx=lux, lm=lumen+s, J=joule+s, kJ=kilojoule+s, px=pixel+s, K=kelvin+s, kWh=kilowattheure+s
    m: Wh=wattheure+s
    m: MWh=mégawattheure+s, GWh=gigawattheure+s, mAh=milliampère-heure|milliampères-heure, Ah=ampère-heure|ampères-heure
    m: °C ºC=degré Celsius|degrés Celsius, °F=degré Fahrenheit|degrés Fahrenheit, °=degré+s
    m: kWp kWc=kilowatt crête|kilowatts crête, %=pour cent, ‰=pour mille, Mbps=mégabit par seconde|mégabits par seconde
    m: Gbps=gigabit par seconde|gigabits par seconde
    f: ppm=partie par million|parties par million, s sec=seconde+s, ms=milliseconde+s, min mn=minute+s, h=heure+s
    f: t=tonne+s, kcal=kilocalorie+s
    """
)
_CENT: Final = nouns("m: c=centime+s")["c"]
COINS: Final = {
    symbol: (name, nouns("m: c=penny|pence")["c"] if symbol in ("£", "GBP") else _CENT)
    for symbol, name in nouns(
        """
        m: € EUR euro euros=euro+s, $ US$ USD dollar dollars=dollar+s, ¥ JPY=yen+s, CHF=franc suisse|francs suisses
        m: ₽ RUB=rouble+s, R$=réal|réaux
        f: £ GBP=livre+s, SEK DKK NOK=couronne+s, ₹=roupie+s
        """
    ).items()
}
SCALES: Final = nouns(
    "m: M million millions=million+s, Md Mds Mrd milliard milliards=milliard+s, billion billions=billion+s"
)
ABBREVIATIONS: Final = """
    n° = numéro; N° = numéro; nº = numéro; n°s = numéros; M. et = Monsieur et; p. ex. = par exemple
    etc. = et cetera; c.-à-d. = c'est-à-dire; cf. = confer; env. = environ; Mme = Madame; Mmes = Mesdames
    Mlle = Mademoiselle; Mlles = Mesdemoiselles; MM. = Messieurs; Dr = Docteur; Pr = Professeur; Mgr = Monseigneur
    bd = boulevard
    Bd = boulevard; boul. = boulevard; av. J.-C. = avant Jésus-Christ; apr. J.-C. = après Jésus-Christ
    tél. = téléphone; M. le = Monsieur le
    S.V.P. = s'il vous plaît; svp = s'il vous plaît; RDV = rendez-vous; rdv = rendez-vous; qqch. = quelque chose
    qqn = quelqu'un
    CO₂ = CO deux
    CO2 = CO deux
    """
# Before any rule for numbers and hours.
ALWAYS: Final = """
    24h/24 = vingt-quatre heures sur vingt-quatre; 24 h/24 = vingt-quatre heures sur vingt-quatre
    7j/7 = sept jours sur sept; 7 j/7 = sept jours sur sept
    24/7 = vingt-quatre heures sur vingt-quatre, sept jours sur sept
    """
BEFORE_NUMBER: Final = """
    p. = page; pp. = pages; art. = article; chap. = chapitre; vol. = volume
    fig. = figure; § = paragraphe; §§ = paragraphes; # = numéro; no = numéro; al. = alinéa; éd. = édition
    """
BEFORE_NAME: Final = (
    "M. = Monsieur; av. = avenue; St = Saint; Ste = Sainte; pl. = place; Vve = veuve; ch. = chemin; rte = route"
)
SIGNS: Final = {
    "&": "et",
    "+": "plus",
    "=": "égale",
    "<": "inférieur à",
    ">": "supérieur à",
    "≤": "inférieur ou égal à",
    "≥": "supérieur ou égal à",
    "≠": "différent de",
    "÷": "divisé par",
    "·": "fois",
    "€": "euros",
    "%": "pour cent",
    "$": "dollars",
    "±": "plus ou moins",
    "~": "environ",
    "≈": "environ",
}
MONTHS: Final = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
GENDERS: Final = genders(
    "",
    "sœur fille mère règle scène routine pomme heure minute seconde semaine année journée nuit fois personne lampe "
    "lumière ampoule porte fenêtre pièce chambre page place table chaise "
    "tonne voiture maison photo image vidéo chanson note tâche alarme caméra prise chaîne étape bouteille tasse "
    "femme fille question "
    "ligne tranche zone minuterie notification erreur couleur livraison clé partie équipe voix rue ville cuillère "
    "demi-heure fleur fuite",
)
FEMININE: Final = ("tion", "sion", "ette", "ance", "ence", "ité", "erie", "phonie", "logie", "graphie", "ure")
HEADINGS: Final = (
    "chapitre tome acte scène partie article livre volume annexe section type phase niveau figure tableau".split()
)
KINGS: Final = (
    "Louis Henri Charles François Philippe Napoléon Jean Paul Pie Benoît Élisabeth Elisabeth Elizabeth George "
    "Édouard Guillaume Léopold "
    "Albert Baudouin Frédéric Nicolas Alexandre Pierre Catherine Ramsès Clément Grégoire Innocent Léon Urbain "
    "Jacques Robert Richard Hugues"
).split()
