"""Italian: units, currencies, abbreviations, the genders of what is often counted."""

from __future__ import annotations

from typing import Final

from daemon.text.spoken.european.nouns import genders, nouns

UNITS: Final = nouns(
    """
    m: km=chilometro|chilometri, m=metro|metri, cm=centimetro|centimetri, mm=millimetro|millimetri
    m: µm=micrometro|micrometri
    m: l L=litro|litri, ml mL=millilitro|millilitri, cl=centilitro|centilitri, dl=decilitro|decilitri
    m: hl=ettolitro|ettolitri, m² mq=metro quadrato|metri quadrati, km²=chilometro quadrato|chilometri quadrati
    m: cm²=centimetro quadrato|centimetri quadrati
    m: m³ mc=metro cubo|metri cubi, cm³=centimetro cubo|centimetri cubi, ha=ettaro|ettari
    m: kg=chilogrammo|chilogrammi, chilo chili=chilo|chili, g=grammo|grammi
    m: mg=milligrammo|milligrammi, µg=microgrammo|microgrammi, nm=nanometro|nanometri, W=watt, kW=chilowatt
    m: MW=megawatt, GW=gigawatt
    m: mW=milliwatt, V=volt, mV=millivolt, kV=chilovolt, A=ampere, mA=milliampere, Ω=ohm, kΩ=chiloohm, Hz=hertz
    m: kHz=chilohertz, MHz=megahertz, GHz=gigahertz, kB KB=kilobyte, MB=megabyte, GB=gigabyte, TB=terabyte, kbit=kilobit
    m: Mbit=megabit, Gbit=gigabit
    m: Pa=pascal, hPa=ettopascal, kPa=chilopascal, bar=bar, mbar=millibar, dB=decibel, lx=lux, lm=lumen, J=joule
    m: kJ=chilojoule
    m: px=pixel, K=kelvin, mAh=milliampere ora, Ah=ampere ora, kWp=chilowatt di picco, min min.=minuto|minuti
    m: CV=cavallo|cavalli
    m: sec s=secondo|secondi, ms=millisecondo|millisecondi, Mbps=megabit al secondo, Gbps=gigabit al secondo
    m: °C ºC=grado Celsius|gradi Celsius, °F=grado Fahrenheit|gradi Fahrenheit, ° º=grado|gradi
    m: kWh=chilowattora, Wh=wattora, MWh=megawattora, GWh=gigawattora
    f: ppm=parte per milione|parti per milione, h=ora|ore, t=tonnellata|tonnellate, kcal=chilocaloria|chilocalorie
    -: %=per cento, ‰=per mille
    """
)
RATES: Final = nouns(
    """
    m: km/h=chilometro all'ora|chilometri all'ora, m/s=metro al secondo|metri al secondo, MB/s=megabyte al secondo
    m: Mbit/s=megabit al secondo, Gbit/s=gigabit al secondo, l/min=litro al minuto|litri al minuto
    m: l/h=litro all'ora|litri all'ora
    """
)
_CENT: Final = nouns("m: c=centesimo|centesimi")["c"]
COINS: Final = {
    symbol: (name, _CENT)
    for symbol, name in nouns(
        """
        m: € EUR euro=euro, $ US$ USD dollaro dollari=dollaro|dollari, ¥ JPY=yen
        m: CHF=franco svizzero|franchi svizzeri, ₽ RUB=rublo|rubli, R$=real|reais
        f: £ GBP=sterlina|sterline, SEK DKK NOK=corona|corone, ₹=rupia|rupie
        """
    ).items()
}
SCALES: Final = nouns("m: mln milione milioni=milione|milioni, mld miliardo miliardi=miliardo|miliardi")
ABBREVIATIONS: Final = """
    Sig. = signor; sig. = signor; Sig.ra = signora; sig.ra = signora; Sigg. = signori; Sig.na = signorina
    dott. = dottor; Dott. = dottor
    Dr. = dottor; dott.ssa = dottoressa; Dott.ssa = dottoressa; Dr.ssa = dottoressa; prof. = professor
    Prof. = professor; ing. = ingegner
    Ing. = ingegner; avv. = avvocato; Avv. = avvocato; prof.ssa = professoressa; Prof.ssa = professoressa
    geom. = geometra
    ecc. = eccetera; etc. = eccetera; es. = esempio; p. es. = per esempio; ad es. = ad esempio; cfr. = confronta
    a. C. = avanti Cristo
    d. C. = dopo Cristo; tel. = telefono; p.zza = piazza; P.zza = piazza; c.so = corso; C.so = corso; v.le = viale
    V.le = viale
    max. = massimo; min. = minimo; spett. = spettabile; gent. = gentile; S.p.A. = società per azioni; CO₂ = CO due
    CO2 = CO due
    """
BEFORE_NUMBER: Final = """
    pag. = pagina; pagg. = pagine; p. = pagina; pp. = pagine; n. = numero; n° = numero; N° = numero; nº = numero
    art. = articolo
    cap. = capitolo; vol. = volume; fig. = figura; § = paragrafo; # = numero; ca. = circa; ed. = edizione; tav. = tavola
    """
BEFORE_NAME: Final = "S. = San; P.za = piazza; on. = onorevole; On. = onorevole; mons. = monsignor; fam. = famiglia"
SIGNS: Final = {
    "&": "e",
    "+": "più",
    "=": "uguale a",
    "<": "minore di",
    ">": "maggiore di",
    "≤": "minore o uguale a",
    "≥": "maggiore o uguale a",
    "≠": "diverso da",
    "÷": "diviso",
    "·": "per",
    "€": "euro",
    "%": "per cento",
    "$": "dollari",
    "±": "più o meno",
    "~": "circa",
    "≈": "circa",
}
MONTHS: Final = "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre".split()
GENDERS: Final = genders(
    "fratello figlio padre elemento articolo prodotto pacco contatto utente uovo bicchiere cucchiaio minuto secondo "
    "giorno mese anno euro dollaro grado litro chilo metro chilometro chilowattora watt volt punto passo libro cane "
    "gatto "
    "piano messaggio sensore dispositivo evento promemoria timer errore posto bambino uomo amico film interruttore "
    "aggiornamento "
    "studente specchio zaino scalino sconto spettacolo stato strumento",
    "sorella figlia madre regola scena routine automazione ora settimana volta persona luce lampada lampadina porta "
    "finestra stanza sveglia pagina casa tavola sedia macchina foto notte donna "
    "tonnellata sterlina libbra canzone immagine chiave attività notifica strada parte serie camera presa telecamera "
    "goccia tazza bottiglia "
    "amica altra oretta unità idea email uscita entrata",
)
# With a sign of degrees before one of these the number is an ordinal all the same.
NUMBERED: Final = (
    "piano posto anno giorno turno livello premio secolo capitolo figlio giro tempo mese trimestre quadrimestre".split()
)
HEADINGS: Final = "tipo fase livello figura".split()
CHAPTERS: Final = "capitolo tomo atto canto libro volume secolo titolo".split()
KINGS: Final = (
    "Giovanni Paolo Vittorio Emanuele Umberto Carlo Luigi Enrico Filippo Pio Benedetto Leone Urbano Giulio Clemente "
    "Gregorio Innocenzo "
    "Bonifacio Federico Giorgio Guglielmo Ferdinando Francesco Napoleone Alessandro Sisto Edoardo Alfonso Amedeo "
    "Nicola Pietro "
    "Alberto Leopoldo Callisto Celestino Cosimo Lorenzo"
).split()
QUEENS: Final = "Elisabetta Caterina Maria Margherita Giovanna Isabella Cristina".split()
