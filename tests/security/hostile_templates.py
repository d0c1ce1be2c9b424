"""Templates that try to take memory or time, each after another way of the language."""

from typing import Final

_BIG: Final = "{% assign a = '" + "x" * 4_000 + "' %}"
_LIST: Final = "{% assign a = (1..1000) | sort %}"
_LOOPS: Final = "{% for i in (1..31) %}{% for j in (1..31) %}"
_ENDS: Final = "{% endfor %}{% endfor %}"


def _many(inner: str, before: str = "") -> str:
    """The tags within loops that take as many turns as loops may, as often as a source may hold them."""
    loop = f"{_LOOPS}{inner}{_ENDS}"
    return before + loop * min((10_000 - len(before)) // len(loop), 490 // loop.count("{"))


REFUSED: Final[dict[str, str]] = {
    "range joined": "{{ (1..1000000000) | join: ',' }}",
    "range sorted": "{{ (1..1000000000) | sort | first }}",
    "range unique": "{{ (1..1000000) | uniq | size }}",
    "range summed": "{{ (1..1000000000) | sum }}",
    "range reversed": "{{ (1..1000000000) | reverse | first }}",
    "range mapped": "{{ (1..1000000000) | map: 'a' | size }}",
    "range searched": "{% if (1..100000000) contains 'x' %}{% endif %}x",
    "range in a variable": "{% assign a = (1..100000000) %}{% if a contains 'x' %}{% endif %}x",
    "range compared": "{% if (1..100000000) == (1..100000000) %}x{% endif %}",
    "range in case": "{% case (1..100000000) %}{% when 1 %}{% endcase %}x",
    "range in when": "{% case 1 %}{% when (1..100000000) %}{% endcase %}x",
    "range as argument": "{{ 'a' | split: ',' | concat: (1..100000000) | size }}",
    "range as separator": "{{ 'a' | append: (1..100000000) }}{{ (1..100000000) | slice: 0, 10000000 }}",
    "range of ranges": "{{ ((1..3)..(1..100000000)) | join }}",
    "range in an index": "{% assign a = 'x' | split: ',' %}{% cycle (1..100000000), 1 %}",
    "range of digits": "{{ (" + "9" * 4_000 + ".." + "9" * 4_000 + ") | first }}",
    "range limited": "{% for i in (1..100000000) limit: 1 %}x{% endfor %}",
    "range offset": "{% for i in (1..1000000000) offset: 999999999 %}x{% endfor %}",
    "range reversed in a loop": "{% for i in (1..1000000000) reversed %}x{% endfor %}",
    "range in a table": "{% tablerow i in (1..1000000000) cols: 2 %}x{% endtablerow %}",
    "range as a limit": "{% for i in (1..5) limit: (1..1000000000) %}x{% endfor %}",
    "range in a liquid tag": "{% liquid\nassign a = (1..1000000000) | sort\necho a\n%}",
    "range of the example's value": "{{ (1..customer.total_spend) | join: '' }}",
    "loop of loops": "{% for i in (1..900) %}{% for j in (1..900) %}x{% endfor %}{% endfor %}",
    "loops in a row": _many(""),
    "loops of comparisons": _many("{% if 1 == 1" + " and 1 == 1" * 60 + " %}{% endif %}"),
    "loops of lists compared": _many(
        "{% if a == b %}{% endif %}", _LIST + "{% assign b = (1..1000) | sort %}"
    ),
    "loops of a list searched": _many("{% if a contains 'y' %}{% endif %}", _LIST),
    "loops of a text searched": _many(
        "{% if a contains b %}{% endif %}", _BIG + "{% assign b = a | append: 'y' %}"
    ),
    "loops of assignments": _many("".join(f"{{% assign v{n} = i %}}" for n in range(200))),
    "loops of captures": _many("{% capture b %}{{ a }}{% endcapture %}", _BIG),
    "loops of changes": _many("{% ifchanged %}{{ a }}{{ j }}{% endifchanged %}", _BIG),
    "loops of long names": _many("{% if " + "n" * 2_000 + " %}{% endif %}"),
    "loops of long loops": _many("{% for k in '" + "n" * 2_000 + "' %}{% break %}{% endfor %}"),
    "loops of terms": "{% for i in (1..3) %}{% case i %}{% when i"
    + ",i" * 800
    + " %}{% endcase %}{% endfor %}x",
    "loops of long cycles": "{% for i in (1..8) %}{% cycle i" + ",i" * 300 + " %}{% endfor %}x",
    "loops of cycles": _many("{% cycle a, a, a, a, i %}", _BIG),
    "loops of sorting": _many("{% assign b = a | sort_natural | reverse | uniq %}", _LIST),
    "loops of dates": _many("{% assign b = '12 january 2024 10:20:30' | date: '%Y' %}"),
    "loops of stripping": _many("{% assign b = a | strip_html %}", "{% assign a = '" + "<" * 2_000 + ">' %}"),
    "loops of counting": _many(
        "{% assign n = n | plus: 1 | times: 7 | modulo: 1000003 | divided_by: 3 %}", "{% assign n = 1 %}"
    ),
    "text doubled": "{% assign a = 'xxxxxxxxxx' %}"
    + "{% assign a = a | append: a %}" * 30
    + "{{ a | size }}",
    "text doubled by capture": "{% capture a %}x{% endcapture %}"
    + "{% capture a %}{{ a }}{{ a }}{{ a }}{% endcapture %}" * 30,
    "text between characters": _BIG + "{{ a | replace: '', a | size }}",
    "text for characters": _BIG + "{{ a | replace: 'x', a | replace: 'x', a | size }}",
    "text joined": _BIG + "{{ (1..1000) | join: a | size }}",
    "text in many variables": _BIG + "".join(f"{{% assign v{n} = a %}}" for n in range(60)) + "x",
    "text escaped": "{% assign a = '" + "&" * 4_000 + "' %}{{ a | escape | escape | escape | size }}",
    "text quoted": "{% assign a = '"
    + "é" * 4_000
    + "' %}{{ a | url_encode | url_encode | url_encode | size }}",
    "text split": _BIG + "{{ a | split: '' | size }}",
    "text unescaped": "{% assign a = '"
    + "&" * 4_900
    + "' %}"
    + "{% assign b = a | escape_once %}" * 100
    + "x",
    "list doubled": _LIST + "{% assign a = a | concat: a %}" * 30 + "{{ a | size }}",
    "list of long texts": "{% assign a = '"
    + "x" * 900
    + "' | split: ',' %}"
    + "{% assign a = a | concat: a %}" * 20
    + "{{ a | size }}",
    "number squared": "{% assign a = 9 %}" + "{% assign a = a | times: a %}" * 40 + "{{ a }}",
    "number of digits": "{{ '" + "9" * 4_200 + "' | times: 1 }}",
    "number written out": "{{ " + "9" * 4_200 + " | plus: 0 }}",
    "number of an exponent": "{{ '1e999999999' | times: '1e999999999' | ceil }}",
    "date of widths": "{{ 'now' | date: '" + "%99Y" * 1_000 + "' }}",
    "date of many parts": "{{ '" + "1 " * 2_000 + "' | date: '%Y' }}",
    "date of digits": "{{ '" + "9" * 4_000 + "' | date: '%Y' }}",
    "blanks in an output": "{{" + " " * 9_900,
    "blanks in a closed output": "{{" + " " * 9_900 + "}}",
    "blanks in a tag": "{%" + " " * 9_900 + "%}",
    "blanks around a name": "{{ a" + " a" * 10 + " " * 9_000 + "!}}",
    "openings in a comment": "{% comment %}" + "{{ " * 3_300,
    "openings in a closed comment": "{% comment %}" + "{{ " * 3_000 + "{% endcomment %}x",
    "raw unclosed": "{% raw %}" * 1_100,
    "doc unclosed": "{% doc %}" * 1_100,
    "brackets": "{{ " + "(" * 9_900 + "}}",
    "brackets of texts": "{{ a" + '["a"' * 2_400 + "}}",
    "brackets of names": "{{ " + "customer[" * 900 + "]" * 900 + " }}",
    "tags": "{% if a %}" * 900,
    "tags nested": "{% if true %}" * 200 + "{% endif %}" * 200,
    "tags in a row": "{{'a'}}" * 1_400,
    "tags in lines": "{% liquid\n" + "echo 'a'\n" * 1_000 + "%}",
    "liquid in liquid": "{% " + "liquid " * 1_300 + "echo 'a' %}",
    "unknown names": "".join(f"{{{{customer.nam{n:04}}}}}" for n in range(450)),
    "unknown long name": "{{ customer." + "name" * 2_400 + " }}",
    "unknown filters": "".join(f"{{{{'a'|upcas{n:04}}}}}" for n in range(450)),
    "conditions in conditions": "{% if 1 == 1" + " or 1 == 1" * 900 + " %}x{% endif %}",
    "cases in cases": "{% case 1 %}{% when 1" + ",1" * 60 + " %}",
    "cases multiplied": ("{% case 1 %}{% when " + ",".join("1" * 100) + " %}") * 8
    + "x"
    + "{% endcase %}" * 8,
    "long conditions": ("{% if true" + " and true" * 35 + " %}{% endif %}x") * 29,
    "long paths": ("{{ a" + ".a" * 20 + " }}") * 205,
    "many arguments": ("{{ 'a' | append: ''" + ",''" * 24 + " }}") * 105,
    "long cycles": ("{% cycle ''" + ",''" * 30 + " %}") * 93,
    "keyword of the library": "{{ 'a' | escape: environment: 5 }}",
    "tags of html": "{{ '<![<![' | append: '>' | strip_html }}",
    "half a character": "{{ '\ud800' }}",
}
"""What `check` refuses, by what it tries."""

BOUNDED: Final[dict[str, str]] = {
    "range at the limit": "{{ (1..1000) | join: ',' }}",
    "loop at the limit": "{% for i in (1..1000) %}x{% endfor %}",
    "range of letters": "{{ ('a'..'zzz') | join }}x",
    "long condition": "{% if 1 == 1" + " or 1 == 1" * 100 + " %}x{% endif %}",
    "date of a width": "{{ 'now' | date: '%999999999Y' }}" * 20 + "x",
    "raw": "{% raw %}" + "{{ " * 3_000 + "{% endraw %}",
    "text": "{ } " * 2_400,
    "blanks in text": "x" + " " * 9_900,
    "cycles": "{% for i in (1..300) %}{% cycle 'a', 'b', 'c' %}{% endfor %}",
    "counters": "{% for i in (1..300) %}{% increment n %}{% endfor %}",
    "table": "{% tablerow i in (1..200) cols: 1000000000000 %}x{% endtablerow %}",
    "nested tags": "{% if true %}" * 9 + "x" + "{% endif %}" * 9,
    "default of a missing value": "{{ customer.city | default: 'x' | append: 'y' }}",
}
"""What is rendered, within the limits."""
