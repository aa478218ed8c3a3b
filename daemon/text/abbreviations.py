"""Where a full stop is not the end: abbreviations, months and the words that sentences begin with, by language."""

from __future__ import annotations

from typing import Final


def _words(table: str) -> frozenset[str]:
    return frozenset(table.split())


# Never the last word of a sentence: a name, a number or an explanation follows. Nothing stands here that is also a word
# of its own in one of the languages ("on.", "mag.", "mind.", "им.").
NEVER_LAST: Final = _words(
    """
    mr mrs ms dr prof st mt rev hon gen col maj capt lt sgt cpl gov sen pres messrs e.g i.e viz cf vs approx
    hr fr frl dipl ing z.b u.a d.h o.ä o.g s.o s.u i.d.r i.e.s z.t z.zt u.u v.a bzw ca evtl ggf inkl zzgl exkl vgl
    geb gest verh str allg insb
    mme mlle mgr p.ex c.-à-d c-à-d boul av
    sr sra srta dña p.ej pág dpto avda
    sig sigg sig.ra dott dott.ssa prof.ssa avv p.es ad.es
    dra exmo exma
    т.е т.к т.н т.ч т.о напр др-р проф акад ул пр пер пл наб бул обл корп св тов г-н г-жа
    """
)
# Never the last word when a number follows.
BEFORE_NUMBER: Final = _words(
    """
    no nos nr nrn num núm n.º p pp pg s ss f ff sec sect ch chap cap kap abs art anm abb abt aufl bd hft tab taf ziff fig figs
    eq vol vols ed bk tel ext apt ste rm fl lvl ver v rd jan feb mar apr jun jul aug sep sept oct okt nov dec dez mär
    pág págs pag paragr tav ill стр гл рис табл илл кв эт ст п пп см тел вып
    """
)
# Single letters with full stops after which a sentence may end: it does when what follows begins like one.
MAYBE_LAST: Final = _words("a.m p.m b.c a.d u.s.w u.v.m a.c d.c s.a s.l s.p.a s.r.l т.д т.п н.э")
# After these a number with a full stop is an ordinal: "der 3. Mann", "am 5. Januar".
BEFORE_ORDINAL: Final = _words(
    """
    am der die das dem den des vom zum zur beim im ein eine einen einem einer eines jeder jede jedes jeden jedem dieser diese
    dieses diesen diesem sein seine seinen seinem seiner ihr ihre ihren ihrem ihrer mein meine meinen meinem meiner unser unsere
    unseren unserem unserer dein deine deinen deinem deiner
    """
)
MONTHS: Final = _words(
    """
    januar jänner februar märz april mai juni juli august september oktober november dezember
    jan feb apr jun jul aug sep sept okt nov dez
    """
)
# Frequent first words. After "U.S." or "Plan B." they tell a new sentence from a name.
STARTERS: Final = _words(
    """
    a an and another any as at but by did do does each for from had has have he her his how however i if in is it its let
    maybe my no not nobody now of on one or our perhaps please she so some that the their then there these they this those
    to was we were what when where which while who why will with yes you your
    der die das ein eine er sie es wir ihr ich du man und oder aber doch denn dann da dort hier im in am an auf bei mit nach von
    vor zu wenn als dass ob wer wo warum wie jetzt heute morgen auch nun so ja nein dieser diese dieses jeder alle
    le la les l un une des il elle ils elles on nous vous je tu et ou mais donc car dans en avec pour sur ce cette ces c quand
    si qui que où
    el los las una unos unas él ella ellos ellas yo tú usted y o pero en con por para este esta esto cuando donde como
    il lo gli i uno lui lei loro noi voi io e ma nel nella con per questo questa quando dove come
    o os as um uma ele ela eles elas eu você mas no na com
    он она оно они мы вы я ты и а но в на с к по из за для это этот эта эти если когда где как что кто там здесь тогда потом
    """
)
