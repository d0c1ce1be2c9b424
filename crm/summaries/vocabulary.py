"""The words of a summary: what is said of figures, and nothing that asks a reader to do something.

A model may be talked into anything, and its text is read by signed-in people. With these words it can name
no address, no other service and no reason to sign in somewhere.
"""

import re
from collections.abc import Collection, Iterator
from typing import Final

WORDS: Final = frozenset(
    """
a about above accepted according across actual after again against all almost already also although
altogether among amount amounts an and another any approximately april are around as at attention audience
august average away b base be because been before began behind being below best better between beyond bigger
biggest both bounced but by came campaign campaigns cancelled cent channel clear clearly clicked clicks
close cohort cohorts combined come comparable compared compares comparison complete completed confirmed
considerably contrast count counts customer customers data day days december deliver delivered deliveries
delivering delivery did difference differences different distinctly do does down drop dropped due during
each earlier eight eighteen eighty either eleven else emails end ended ends engaged engagement entire equal
equally even every everyone exact exactly except excluded excluding fail failed failing fails failure
failures fair fairly far fared february few fewer fifteen fifth fifty final finally finished first five
followed following for forty four fourteen fourth from full fully further gap gave general generally got
great greater greatest group groups had half handed has have high higher highest however hundred identical
in inactive included includes including individual instead into is it its itself january july june just
lapsed large larger largest last late later launched lead leading least leaves leaving led left less lesser
level like little low lower lowest loyal made mails main mainly major majority make makes many march
marginally match matched matching may mean meaning meanwhile median message messages mid million minority
moderate moment month more most mostly much nd near nearly needs neither never nevertheless new newer newest
next nine nineteen ninety no nobody none nor not notable notably note noted nothing november number numbers
october of off older on once one ones only onto opened opening opens or original other others otherwise out
outcome outcomes outperformed outstanding over overall own part paused pct pending people per percent
percentage percentages perform performance performed performing person portion proportion quarter quite ran
rate rates rather rd reach reached reaching receive received receiving recipient recipients record recorded
recurring regular related relative relatively remain remained remaining remains report reported reporting
respectively rest result resulted resulting results returning roughly same saw say says second seen segment
segments sending sent september seven seventeen seventy several share shares show showed showing shown shows
significantly similar similarly since single six sixteen sixty size skipped slight slightly slow small
smaller smallest smooth so some somewhat spend spenders spending st stand standing stands started stat
states status stayed staying stays still stood strong stronger strongest strongly substantially success
successful successfully such sum summary taken ten tenth text th than that the their them then there these
they third thirteen thirty this those though thousand three through thus time times to together took top
total totals toward towards trailed tried twelve twenty twice two typical under unknown unopened until up
utc vendor versus very vip vs waiting was way weak weaker weakest well went were what when where whereas
which while who whole whom whose will with within without worked worse worst would year years yet zero
""".split()  # noqa: SIM905  # a list would be one word a line
)

_WORD: Final = re.compile(r"[^\W\d_]+")
_STRANGE: Final = re.compile(r"[^A-Za-z0-9 \n\u00a0\u202f,.;:!?%()'’\"“”–—-]")
_ADDRESS: Final = re.compile(r"\s\.|[^\W\d_)'’\"”%][.:](?=\w)|[\d)'’\"”%][.:](?=[^\W\d_])|\d:\d")
_HARMLESS: Final = re.compile(
    r"\b(?:open|click|e-?mail)[ -](?=rates?\b)|\be-(?=mails\b)|(?<=[a-z])['’]s\b|(?<=[a-z])n['’]t\b"
)
"""Where words that elsewhere ask a reader to do something name a figure; and the ends of other words."""


def foreign(text: str, names: Collection[str]) -> Iterator[str]:
    """What is in the text that no summary says, in short phrases. `names` are the cohorts', in words."""
    known = WORDS.union(*(_WORD.findall(name.lower()) for name in names))
    for word in sorted(set(_WORD.findall(_HARMLESS.sub("", text.lower()))) - known):
        yield f"the word {word[:30]!r} is not one for figures"
    for mark in sorted(set(_STRANGE.findall(text))):
        yield f"the character {mark!r} is not one for figures"
    if _ADDRESS.search(text):
        yield "a point or colon that ends no word, or has no space behind it, looks like an address"
