"""German: units, currencies, abbreviations, the genders of what is often counted."""

from __future__ import annotations

from typing import Final

from daemon.text.spoken.european.nouns import genders, nouns

UNITS: Final = nouns(
    """
    m: km=Kilometer, m=Meter, cm=Zentimeter, mm=Millimeter, µm=Mikrometer, nm=Nanometer, l L=Liter, ml mL=Milliliter
    m: cl=Zentiliter, ct=Cent, dl=Deziliter, hl=Hektoliter, m²=Quadratmeter, km²=Quadratkilometer, cm²=Quadratzentimeter
    m: m³=Kubikmeter, cm³=Kubikzentimeter
    n: kg=Kilogramm, Kilo=Kilo, g=Gramm, mg=Milligramm, µg=Mikrogramm, ha=Hektar, W=Watt, kW=Kilowatt, MW=Megawatt
    n: GW=Gigawatt, mW=Milliwatt
    n: V=Volt, mV=Millivolt, kV=Kilovolt, A=Ampere, mA=Milliampere, Ω=Ohm, kΩ=Kiloohm, Hz=Hertz, kHz=Kilohertz
    n: MHz=Megahertz, GHz=Gigahertz, kB KB=Kilobyte, MB=Megabyte, GB=Gigabyte, TB=Terabyte, kbit=Kilobit, Mbit=Megabit
    n: Gbit=Gigabit, Pa=Pascal
    n: hPa=Hektopascal, kPa=Kilopascal, bar=Bar, mbar=Millibar, dB=Dezibel, lx=Lux, lm=Lumen, J=Joule, kJ=Kilojoule
    n: Nm=Newtonmeter
    n: px=Pixel, °C ºC=Grad Celsius, °F=Grad Fahrenheit, °=Grad, K=Kelvin, VA=Voltampere, kWp=Kilowatt Peak, dpi=dpi
    n: ppm=ppm, %=Prozent, ‰=Promille, Mbps=Megabit pro Sekunde, Gbps=Gigabit pro Sekunde
    f: kWh=Kilowattstunde+n, Wh=Wattstunde+n, MWh=Megawattstunde+n, GWh=Gigawattstunde+n, mAh=Milliamperestunde+n
    f: Ah=Amperestunde+n, s Sek. sec=Sekunde+n, ms=Millisekunde+n, min Min. Min=Minute+n, h Std. Std=Stunde+n, t=Tonne+n
    f: kcal=Kilokalorie+n, PS=Pferdestärke+n, Mon.=Monat+e
    """
)
_CENT: Final = nouns("m: c=Cent")["c"]
COINS: Final = {
    symbol: (name, _CENT)
    for symbol, name in nouns(
        """
        m: € EUR Euro=Euro, $ US$ USD=Dollar, ¥ JPY=Yen, CHF Fr.=Franken, ₽ RUB=Rubel, ₹=Rupien, R$=Real
        n: £ GBP=Pfund
        f: SEK DKK NOK=Krone+n
        """
    ).items()
}
SCALES: Final = nouns(
    """
    f: Mio. Mio Million Millionen=Million+en, Mrd. Mrd Milliarde Milliarden=Milliarde+n
    f: Bio. Billion Billionen=Billion+en
    -: Tsd. Tsd=tausend
    """
)
ABBREVIATIONS: Final = """
    z. B. = zum Beispiel; d. h. = das heißt; u. a. = unter anderem; usw. = und so weiter; bzw. = beziehungsweise
    ca. = circa
    etc. = et cetera; vgl. = vergleiche; evtl. = eventuell; ggf. = gegebenenfalls; inkl. = inklusive; exkl. = exklusive
    zzgl. = zuzüglich; sog. = sogenannte; rd. = rund; i. d. R. = in der Regel; u. U. = unter Umständen
    z. T. = zum Teil; o. Ä. = oder Ähnliches
    m. E. = meines Erachtens; v. a. = vor allem; s. o. = siehe oben; s. u. = siehe unten; usf. = und so fort
    allg. = allgemein
    max. = maximal; mind. = mindestens; Ca. = circa; Vgl. = vergleiche; Evtl. = eventuell; Ggf. = gegebenenfalls
    Inkl. = inklusive; Dr. = Doktor; Prof. = Professor; Jh. = Jahrhundert
    Tel. = Telefon; geb. = geboren; gest. = gestorben; MwSt. = Mehrwertsteuer; Mio. = Millionen; Mrd. = Milliarden
    Std. = Stunden
    n. Chr. = nach Christus; v. Chr. = vor Christus; Min. = Minuten; Sek. = Sekunden; Str. = Straße; CO₂ = CO zwei
    CO2 = CO zwei
    """
BEFORE_NUMBER: Final = """
    Nr. = Nummer; Nrn. = Nummern; S. = Seite; Abs. = Absatz; Art. = Artikel; Kap. = Kapitel; Bd. = Band
    Abb. = Abbildung; Tab. = Tabelle
    §§ = Paragrafen; § = Paragraf; # = Nummer; Ziff. = Ziffer; Aufl. = Auflage
    """
BEFORE_NAME: Final = "Hr. = Herr; Fr. = Frau; St. = Sankt; Frl. = Fräulein"
SIGNS: Final = {
    "&": "und",
    "+": "plus",
    "=": "gleich",
    "<": "kleiner als",
    ">": "größer als",
    "≤": "kleiner oder gleich",
    "≥": "größer oder gleich",
    "≠": "ungleich",
    "÷": "geteilt durch",
    "·": "mal",
    "€": "Euro",
    "%": "Prozent",
    "$": "Dollar",
    "±": "plus minus",
    "~": "etwa",
    "≈": "ungefähr",
}
MONTHS: Final = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
WEEKDAYS: Final = "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag".split()
GENDERS: Final = genders(
    "Tag Monat Grad Euro Dollar Cent Meter Kilometer Zentimeter Liter Stock Platz Teil Punkt Schritt Raum Versuch "
    "Mann Freund Termin "
    "Eintrag Alarm Timer Wecker Schalter Sensor Film Titel Song Artikel Kaffee Tee Advent Weltkrieg Geburtstag Mai "
    "August Sieg "
    "Gast Hund Stuhl Tisch Kunde Anruf Fehler Rang Absatz Satz Band Akt "
    "Januar Jänner Februar März April Juni Juli September Oktober November Dezember Jan Feb Apr Jun Jul Aug Sep Sept "
    "Okt Nov Dez",
    "Stunde Minute Sekunde Woche Lampe Tür Person Uhr Kilowattstunde Etage Klasse Liga Bundesliga Runde Halbzeit "
    "Auflage Hälfte "
    "Nacht Stufe Seite Zeile Frage Nachricht E-Mail Mail Million Milliarde Tonne Frau Flasche Tasse Kamera Steckdose "
    "Katze Aufgabe "
    "Birne Pause Folge Staffel Gruppe Reihe Stadt Straße Stimme Zahl Mal-Wiederholung",
    "Jahr Licht Fenster Gerät Kind Haus Zimmer Jahrhundert Jahrtausend Quartal Mal Kapitel Buch Bild Kilo Kilogramm "
    "Gramm Pfund Prozent Watt "
    "Volt Ampere Ergebnis Lied Ei Glas Auto Stück Update Spiel Semester Halbjahr Drittel Viertel Geschoss "
    "Obergeschoss Rollo Ziel",
)
# Endings that tell a gender.
FEMININE: Final = ("ung", "heit", "keit", "schaft", "tion", "sion", "tät", "ik", "ei", "rin")
