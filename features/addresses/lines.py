"""The canonical form of what stands below the district: street, number, building, room."""

import re

_LABEL = re.compile(
    r"(?:收货人|收件人|联系人|姓名)\s*[:是为]\s*[一-鿿·]{2,4}(?=[\s,;/\d]|$)"
    r"|(?:详细|收货|收件|寄件|联系|送货|配送|家庭|公司)?"
    r"(?:地址|收货人|收件人|联系人|姓名|电话|手机号?码?|邮编)\s*[:是为]\s*"
)
_LABEL_ENDS = ":是为"
_PHONE = re.compile(
    r"(?<![\d\-])(?:\+?86[\s\-]?)?(?:1[3-9]\d[\s\-]?\d{4}[\s\-]?\d{4}|0\d{2,3}-\d{7,8})(?![\d\-])"
)
_PERSON = r"[一-鿿]{2,4}"
_BY_PHONE = re.compile(rf"(?:(?:^|[\s,;/]+){_PERSON}[\s,;/]*☎|☎[\s,;/]*{_PERSON}(?=[\s,;/]|$))")
_TO_WHOM = re.compile(
    r"(?:^|[\s,;/(]+)[一-鿿]{1,3}(?:先生|女士|小姐|太太|同学|老师)(?:收|启)?\)?(?=[\s,;/]|$)"
)
_NUMERALS = re.compile(r"[〇零一二两三四五六七八九十百]{1,5}(?=号楼|[号栋幢座楼层室户弄]|单元|期)")
_FLOORS = "层楼f"
_FLOOR = re.compile(r"(?<!\d)(\d{1,2})(?:层|楼|f)[\-,\s]*(?=\1\d{2}(?!\d))")
_UNIT = re.compile(
    r"(?<=[0-9a-z])(?:号楼|号院|号房|号|栋楼?|幢|座|楼|层|单元|门|梯|室|房|户)+-*"
    r"|(?<=\d)f(?![a-z])-*"
)
_BETWEEN = re.compile(r"(?<=\d)[\W_]+(?=\d)")
_APART = re.compile(r"[^\w\-]|_|(?<!\d)-|-(?!\d)")
_LOOSE = re.compile(r"(?<!\d)-+|-+(?!\d)")
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}


def without_people(line: str) -> str:
    """Take labels, phone numbers and the names beside them out of a folded line.

    >>> without_people("收货人:张三 13800138000 文三路1号"), without_people("文三路1号 李先生收")
    ('    文三路1号', '文三路1号')
    """
    if any(sign in line for sign in _LABEL_ENDS):
        line = _LABEL.sub(" ", line)
    if _PHONE.search(line):
        line = _PHONE.sub("☎", line)
        line = _BY_PHONE.sub("", line).replace("☎", " ")
    return _TO_WHOM.sub("", line)


def canonical_line(line: str) -> str:
    """Write one form for numbers of houses, buildings, units, floors and rooms.

    `line` is folded and without people. Numbers that stand apart are joined by one hyphen.

    >>> canonical_line("科技园3栋2单元501室"), canonical_line("科技园 3-2-501")
    ('科技园3-2-501', '科技园3-2-501')
    >>> canonical_line("文三路十二号5楼503"), canonical_line("文三路12号503室")
    ('文三路12-503', '文三路12-503')
    """
    if not line.isalnum():
        line = _APART.sub("", _BETWEEN.sub("-", line))
    line = _NUMERALS.sub(lambda found: _number(found[0]), line)
    if any(sign in line for sign in _FLOORS):
        line = _FLOOR.sub("", line)
    plain = _LOOSE.sub("", _UNIT.sub("-", line))
    half = len(plain) // 2
    is_double = half > 3 and plain[:half] == plain[half:] and not plain.isascii()
    return plain[:half] if is_double else plain


def _number(numeral: str) -> str:
    """Read 十二, 一百零二 or, digit by digit, 五零一."""
    if "十" not in numeral and "百" not in numeral:
        return "".join(str(_DIGITS[sign]) for sign in numeral)
    total, digit = 0, 0
    for sign in numeral:
        if sign in "十百":
            total += (digit or 1) * (10 if sign == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[sign]
    return str(total + digit)
