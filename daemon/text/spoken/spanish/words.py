"""Spanish: units, currencies, abbreviations, the genders of what is often counted."""

from __future__ import annotations

from typing import Final

from daemon.text.spoken.european.nouns import genders, nouns

UNITS: Final = nouns(
    """
    m: km=kilómetro+s, m=metro+s, cm=centímetro+s, mm=milímetro+s, µm=micrómetro+s, nm=nanómetro+s, l L=litro+s
    m: ml mL=mililitro+s, cl=centilitro+s, dl=decilitro+s, hl=hectolitro+s, m²=metro cuadrado|metros cuadrados
    m: km²=kilómetro cuadrado|kilómetros cuadrados
    m: cm²=centímetro cuadrado|centímetros cuadrados, m³=metro cúbico|metros cúbicos
    m: cm³=centímetro cúbico|centímetros cúbicos
    m: kg=kilogramo+s, kilo kilos=kilo+s, g=gramo+s, mg=miligramo+s, µg=microgramo+s, W=vatio+s, kW=kilovatio+s
    m: MW=megavatio+s
    m: GW=gigavatio+s, mW=milivatio+s, V=voltio+s, mV=milivoltio+s, kV=kilovoltio+s, A=amperio+s, mA=miliamperio+s
    m: Ω=ohmio+s, kΩ=kiloohmio+s, Hz=hercio+s, kHz=kilohercio+s, MHz=megahercio+s, GHz=gigahercio+s, kB KB=kilobyte+s
    m: MB=megabyte+s, GB=gigabyte+s, TB=terabyte+s, kbit=kilobit+s, Mbit=megabit+s, Gbit=gigabit+s, Pa=pascal+es
    m: hPa=hectopascal+es, kPa=kilopascal+es
    m: bar=bar+es, mbar=milibar+es, dB=decibelio+s, lx=lux, lm=lumen|lúmenes, J=julio+s, kJ=kilojulio+s, px=píxel+es
    m: K=kelvin+s, kWh=kilovatio hora|kilovatios hora, Wh=vatio hora|vatios hora, MWh=megavatio hora|megavatios hora
    m: kWp=kilovatio pico|kilovatios pico
    m: GWh=gigavatio hora|gigavatios hora, mAh=miliamperio hora|miliamperios hora, Ah=amperio hora|amperios hora
    m: s seg=segundo+s, ms=milisegundo+s, min min.=minuto+s, °C ºC=grado Celsius|grados Celsius
    m: °F ºF=grado Fahrenheit|grados Fahrenheit, ° º=grado+s
    m: Mbps=megabit por segundo|megabits por segundo, CV=caballo|caballos, Gbps=gigabit por segundo|gigabits por segundo
    f: ha=hectárea+s, ppm=parte por millón|partes por millón, h=hora+s, t=tonelada+s, kcal=kilocaloría+s
    -: %=por ciento, ‰=por mil
    """
)
_CENT: Final = nouns("m: c=céntimo+s")["c"]
_CENTAVO: Final = nouns("m: c=centavo+s")["c"]
COINS: Final = {
    symbol: (name, _CENT if name.one in ("euro", "franco suizo", "franco suíço") else _CENTAVO)
    for symbol, name in nouns(
        """
        m: € EUR euro euros=euro+s, $ US$ USD dólar dólares=dólar+es, ¥ JPY=yen+es, CHF=franco suizo|francos suizos
        m: ₽ RUB=rublo+s, R$=real+es, MXN=peso+s
        f: £ GBP=libra+s, SEK DKK NOK=corona+s, ₹=rupia+s
        """
    ).items()
}
SCALES: Final = nouns("m: M millón millones=millón|millones, billón billones=billón|billones, mil=mil")
ABBREVIATIONS: Final = """
    Sr. = señor; Sra. = señora; Srta. = señorita; Sres. = señores; Sras. = señoras; Dr. = doctor; Dra. = doctora
    Prof. = profesor
    Profa. = profesora; Ud. = usted; Uds. = ustedes; Vd. = usted; Vds. = ustedes; EE. UU. = Estados Unidos
    EE.UU. = Estados Unidos
    etc. = etcétera; p. ej. = por ejemplo; P. ej. = por ejemplo; a. C. = antes de Cristo; d. C. = después de Cristo
    aprox. = aproximadamente
    tel. = teléfono; tfno. = teléfono; Avda. = avenida; Av. = avenida; avda. = avenida; dpto. = departamento
    máx. = máximo
    mín. = mínimo; Dña. = doña; izq. = izquierda; dcha. = derecha; JJ. OO. = Juegos Olímpicos; CO₂ = CO dos
    CO2 = CO dos
    """
BEFORE_NUMBER: Final = """
    pág. = página; págs. = páginas; p. = página; pp. = páginas; n.º = número; N.º = número; núm. = número
    nº = número; n° = número
    art. = artículo; cap. = capítulo; vol. = volumen; fig. = figura; § = párrafo; # = número; ed. = edición
    apdo. = apartado
    """
BEFORE_NAME: Final = "D. = don; C/ = calle; c/ = calle; Pza. = plaza; S. M. = Su Majestad; Sto. = santo; Sta. = santa"
SIGNS: Final = {
    "&": "y",
    "+": "más",
    "=": "igual a",
    "<": "menor que",
    ">": "mayor que",
    "≤": "menor o igual que",
    "≥": "mayor o igual que",
    "≠": "distinto de",
    "÷": "dividido entre",
    "·": "por",
    "€": "euros",
    "%": "por ciento",
    "$": "dólares",
    "±": "más menos",
    "~": "aproximadamente",
    "≈": "aproximadamente",
}
MONTHS: Final = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()
GENDERS: Final = genders(
    "hermano hijo padre elemento artículo producto paquete pedido contacto usuario regalo equipo vaso huevo día días "
    "mapa mapas problema problemas sistema sistemas programa programas tema temas planeta idioma idiomas minuto "
    "segundo grado euro "
    "dólar mes meses año libro litro kilo kilogramo gramo metro kilómetro vatio kilovatio punto paso coche perro "
    "gato piso aviso dispositivo "
    "enchufe sensor correo mensaje hombre niño amigo evento recordatorio temporizador archivo error lugar vez-no "
    "kilovatios hombres coches "
    "mensajes enchufes sensores errores lugares interruptores",
    "hermana hija madre regla escena rutina actualización automatización hora minuta semana persona luz luces "
    "lámpara bombilla puerta ventana habitación vez veces alarma cámara página casa mesa silla mano manos "
    "foto fotos moto motos noche noches tarde tardes mujer mujeres clase clases tonelada libra canción imagen "
    "imágenes llave llaves "
    "tarea notificación calle calles parte partes serie series torre torres flor flores taza cucharada cucharadita "
    "botella",
)
# Words after a number that end like plurals and are none, and the endings that tell a gender.
NOT_COUNTED: Final = frozenset(
    "tras menos ellas ellos estas estos esas esos aquellas "
    "aquellos nosotros nosotras mientras quizás además atrás antes después entonces".split()
)
FEMININE: Final = ("ción", "ciones", "sión", "siones", "dad", "dades", "tad", "tades")
HEADINGS: Final = "capítulo tomo acto escena título artículo libro volumen anexo".split()
TYPES: Final = "tipo fase nivel figura sección zona parte".split()
QUEENS: Final = "Isabel Catalina Juana María Margarita".split()
KINGS: Final = (
    "Felipe Alfonso Carlos Fernando Juan Pablo Pío Benedicto Luis Enrique Jaime Sancho Pedro Ramiro Ordoño Napoleón "
    "Jorge Eduardo "
    "Guillermo Federico Nicolás Alejandro León Clemente Gregorio Inocencio Urbano Francisco Leopoldo Alberto Ramón "
    "Berenguer"
).split()
