"""Portuguese: units, currencies, abbreviations, the genders of what is often counted."""

from __future__ import annotations

from typing import Final

from daemon.text.spoken.european.nouns import genders, nouns

UNITS: Final = nouns(
    """
    m: km=quilômetro+s, m=metro+s, cm=centímetro+s, mm=milímetro+s, µm=micrômetro+s, nm=nanômetro+s, l L=litro+s
    m: ml mL=mililitro+s, cl=centilitro+s, dl=decilitro+s, hl=hectolitro+s, m²=metro quadrado|metros quadrados
    m: km²=quilômetro quadrado|quilômetros quadrados
    m: cm²=centímetro quadrado|centímetros quadrados, m³=metro cúbico|metros cúbicos
    m: cm³=centímetro cúbico|centímetros cúbicos
    m: ha=hectare+s, kg=quilograma+s, quilo quilos=quilo+s, g=grama+s, mg=miligrama+s, µg=micrograma+s, W=watt+s
    m: kW=quilowatt+s, MW=megawatt+s
    m: GW=gigawatt+s, mW=miliwatt+s, V=volt+s, mV=milivolt+s, kV=quilovolt+s, A=ampere+s, mA=miliampere+s, Ω=ohm+s
    m: kΩ=quilo-ohm+s
    m: Hz=hertz, kHz=quilohertz, MHz=megahertz, GHz=gigahertz, kB KB=quilobyte+s, MB=megabyte+s, GB=gigabyte+s
    m: TB=terabyte+s, kbit=quilobit+s, Mbit=megabit+s, Gbit=gigabit+s, Pa=pascal|pascals, hPa=hectopascal|hectopascals
    m: kPa=quilopascal|quilopascals
    m: bar=bar|bars, mbar=milibar|milibars, dB=decibel|decibéis, lx=lux, lm=lúmen|lúmens, J=joule+s, kJ=quilojoule+s
    m: px=pixel|pixels
    m: K=kelvin|kelvins, kWh=quilowatt-hora|quilowatts-hora, Wh=watt-hora|watts-hora, MWh=megawatt-hora|megawatts-hora
    m: GWh=gigawatt-hora|gigawatts-hora, mAh=miliampere-hora|miliamperes-hora, Ah=ampere-hora|amperes-hora
    m: s seg=segundo+s, ms=milissegundo+s, min min.=minuto+s, °C ºC=grau Celsius|graus Celsius
    m: °F ºF=grau Fahrenheit|graus Fahrenheit, °=grau+s
    m: Mbps=megabit por segundo|megabits por segundo, Gbps=gigabit por segundo|gigabits por segundo
    m: kWp=quilowatt-pico|quilowatts-pico
    f: ppm=parte por milhão|partes por milhão, h=hora+s, t=tonelada+s, kcal=quilocaloria+s
    -: %=por cento, ‰=por mil
    """
)
_CENT: Final = nouns("m: c=cêntimo+s")["c"]
_CENTAVO: Final = nouns("m: c=centavo+s")["c"]
COINS: Final = {
    symbol: (name, _CENT if name.one in ("euro", "franco suizo", "franco suíço") else _CENTAVO)
    for symbol, name in nouns(
        """
        m: R$ BRL real reais=real|reais, € EUR euro euros=euro+s, $ US$ USD dólar dólares=dólar+es, ¥ JPY=iene+s
        m: CHF=franco suíço|francos suíços, ₽ RUB=rublo+s
        f: £ GBP=libra+s, SEK DKK NOK=coroa+s, ₹=rupia+s
        """
    ).items()
}
SCALES: Final = nouns(
    """
    m: mi milhão milhões=milhão|milhões, bi bilhão bilhões=bilhão|bilhões, trilhão trilhões=trilhão|trilhões
    -: mil=mil
    """
)
ABBREVIATIONS: Final = """
    Sr. = senhor; Sra. = senhora; Srta. = senhorita; Srs. = senhores; Dr. = doutor; Dra. = doutora
    Prof. = professor; Profa. = professora
    Prof.ª = professora; Exmo. = excelentíssimo; Exma. = excelentíssima; V. Ex.ª = Vossa Excelência; Av. = avenida
    av. = avenida
    etc. = et cetera; p. ex. = por exemplo; a. C. = antes de Cristo; d. C. = depois de Cristo
    aprox. = aproximadamente; tel. = telefone
    Tel. = telefone; máx. = máximo; mín. = mínimo; apto. = apartamento; ap. = apartamento; Ltda. = limitada
    Lda. = limitada
    Eng. = engenheiro; Cia. = companhia; obs. = observação; CO₂ = CO dois; CO2 = CO dois; Sto. = santo; Sta. = santa
    """
BEFORE_NUMBER: Final = """
    pág. = página; págs. = páginas; p. = página; pp. = páginas; n.º = número; N.º = número; nº = número; Nº = número
    n° = número
    art. = artigo; cap. = capítulo; vol. = volume; fig. = figura; § = parágrafo; # = número; ed. = edição; núm. = número
    """
BEFORE_NAME: Final = "D. = dona; R. = rua; Pça. = praça; S. = São; Rod. = rodovia; Trav. = travessa"
SIGNS: Final = {
    "&": "e",
    "+": "mais",
    "=": "igual a",
    "<": "menor que",
    ">": "maior que",
    "≤": "menor ou igual a",
    "≥": "maior ou igual a",
    "≠": "diferente de",
    "÷": "dividido por",
    "·": "vezes",
    "€": "euros",
    "%": "por cento",
    "$": "dólares",
    "±": "mais ou menos",
    "~": "cerca de",
    "≈": "aproximadamente",
}
MONTHS: Final = "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro".split()
GENDERS: Final = genders(
    "irmão irmãos filho filhos pai item pedido contato produto pacote usuário dia mapa problema sistema programa "
    "tema planeta idioma minuto segundo grau euro real dólar mês meses ano livro litro quilo quilograma "
    "grama metro quilômetro quilómetro watt ponto passo carro cão gato andar dispositivo sensor alarme homem homens "
    "menino amigo evento "
    "lembrete temporizador arquivo erro lugar alarmes sensores lugares diploma telegrama telefonema sofá",
    "irmã filha mãe regra cena rotina atualização automação hora semana pessoa luz luzes lâmpada porta janela vez "
    "vezes página casa mesa cadeira mão mãos foto moto noite noites tarde tardes "
    "mulher mulheres tonelada libra canção imagem imagens chave chaves tarefa parte partes série séries cor cores "
    "flor flores rua cidade "
    "vaga cama sala sessão ligação tomada câmera câmara mensagem mensagens xícara colher chávena garrafa",
)
NOT_COUNTED: Final = frozenset(
    "elas eles estas estes essas esses aquelas aqueles menos apenas "
    "mais antes depois através além atrás todos todas ambos ambas".split()
)
FEMININE: Final = ("ção", "ções", "são", "sões", "dade", "dades", "gem", "gens")
# With a sign of degrees before one of these the number is an ordinal all the same.
NUMBERED: Final = "andar lugar piso dia ano turno prêmio mês capítulo filho trimestre semestre bimestre de".split()
HEADINGS: Final = "capítulo tomo ato cena título artigo livro volume anexo".split()
TYPES: Final = "tipo fase nível figura seção".split()
KINGS: Final = (
    "Pedro João Manuel Luís Luis José Afonso Sancho Filipe Carlos Fernando Maria Isabel Paulo Pio Bento Henrique "
    "Jorge Eduardo Guilherme "
    "Frederico Nicolau Alexandre Leão Clemente Gregório Inocêncio Urbano Napoleão Dinis Duarte"
).split()
QUEENS: Final = "Elizabeth Isabel Maria Catarina Margarida".split()
