"""Names of people and firms: one key for a name, and whether it reads as a person or a firm."""

import re

from features.addresses.text import folded

PERSONAL, CORPORATE, OTHER = "personal", "corporate", "other"

_TITLE_BEFORE = re.compile(r"^(?:mr|mrs|ms|miss|dr|prof)\b\.?\s*")
_TITLE_AFTER = re.compile(
    r"(?<=.)(?:先生|女士|小姐|太太|老师|同学|师傅|经理|总经理|医生|大夫|律师|教授|亲收|收|亲启|启|转)+$"
)
_BRACKETS = re.compile(r"\([^()]*\)")
_APART = re.compile(r"[\W_]+")
_HAN = r"[㐀-鿿〇]"
_PERSON = re.compile(
    rf"{_HAN}{{2,4}}"
    rf"|{_HAN}{{1,8}}(?:·{_HAN}{{1,8}}){{1,4}}"
    r"|[^\W\d_]+(?:[.'\-][^\W\d_]+)*\.?(?: [^\W\d_]+(?:[.'\-][^\W\d_]+)*\.?){1,5}"
)
_DOTS = re.compile(r"\s*[·•・‧∙⋅]\s*")
_FIRM = re.compile(
    r"公司|集团|[店厂]|中心|合作社|联社|工作室|商行|车行|商贸行|经营部|门市部|服务部|事务所|工商户|学校|[中小]学|大学|学院"
    r"|幼儿园|医院|诊所|银行|超市|商场|餐厅|饭馆|餐馆|食堂|酒楼|宾馆|会所|协会|学会|基金会|委员会|研究院|研究所"
    r"|养殖场|农场|农庄|种植园|俱乐部|出版社|旅行社|报社|政府|[税财]务局|分局|总局|街道办|村委会|居委会|物业处"
)
_FIRM_END = re.compile(rf"(?:{_FIRM.pattern})$")
_LATIN_FIRM = re.compile(
    r"\b(?:ltd|limited|inc|llc|llp|plc|corp|corporation|company|co|gmbh|ag|kg|sa|srl|bv|nv|pte|pty|oy|ab)\.?$"
)
_PLACEHOLDERS = frozenset({"测试", "无名", "无", "未知", "匿名", "某某", "test", "null", "none"})
_SHORTEST_FIRM = 5


def name_key(name: str | None) -> str | None:
    """Fold a name so that the same person written twice counts once; None for nothing.

    Width, case, spaces, dots, traditional characters, titles and 收 ("for") do not matter. The
    key is as private as the name: it is kept where orders are kept, and shown nowhere else.

    >>> name_key("張 三 先生 收") == name_key("张三"), name_key("Mr. John Smith")
    (True, 'johnsmith')
    """
    if name is None:
        return None
    plain = _TITLE_BEFORE.sub("", folded(name).strip())
    return _TITLE_AFTER.sub("", _APART.sub("", plain)) or None


def name_kind(name: str | None) -> str | None:
    """Tell how a name reads: personal, corporate or other; None for nothing.

    >>> [name_kind(name) for name in ("王芳", "买买提·艾山", "杭州某某商贸有限公司", "王芳1", "li")]
    ['personal', 'personal', 'corporate', 'other', 'other']
    """
    plain = _plain(name)
    if not plain:
        return None
    if plain in _PLACEHOLDERS:
        return OTHER
    trunk = _BRACKETS.sub("", plain).strip()
    if _FIRM_END.search(trunk) or _LATIN_FIRM.search(trunk):
        return CORPORATE
    return PERSONAL if _PERSON.fullmatch(plain) else OTHER


def name_plausible(name: str | None, kind: str | None) -> bool | None:
    """Tell whether a name can be that of a payee of this kind; None where there is no name.

    A personal payee has the name of a person. A corporate one has the name of a firm, or one of
    five characters or more that is no person's. Where the kind is not known, either will do.

    >>> name_plausible("王芳", "personal"), name_plausible("王芳", "corporate")
    (True, False)
    """
    reads = name_kind(name)
    if reads is None:
        return None
    if kind is None or reads == kind:
        return reads != OTHER
    return kind == CORPORATE and reads == OTHER and _may_be_a_firm(_plain(name))


def _may_be_a_firm(plain: str) -> bool:
    return len(plain) >= _SHORTEST_FIRM and sum(map(str.isalpha, plain)) * 2 > len(plain)


def _plain(name: str | None) -> str:
    return _DOTS.sub("·", " ".join(folded(name or "").split()))
