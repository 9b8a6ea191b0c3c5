"""The short forms of a division's name: 深圳市 is also 深圳, 大理白族自治州 also 大理州."""

import re
from collections.abc import Iterator

_PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西"
    "|景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|塔吉克|怒|鄂温克|保安|裕固|独龙|鄂伦春|各"
)
_AUTONOMOUS = re.compile(rf"(.{{2,}}?)((?:{_PEOPLES}|族)*)自治([区州县旗])")
_ENDING = re.compile(r"(.{2,}?)(特别行政区|林区|地区|新区|省|市|区|县|旗|盟|乡|镇)")
_SHORTEST = 2

ABBREVIATIONS = {
    "京": "北京市", "津": "天津市", "沪": "上海市", "申": "上海市", "渝": "重庆市", "冀": "河北省",
    "晋": "山西省", "蒙": "内蒙古自治区", "辽": "辽宁省", "吉": "吉林省", "黑": "黑龙江省",
    "苏": "江苏省", "浙": "浙江省", "皖": "安徽省", "闽": "福建省", "赣": "江西省", "鲁": "山东省",
    "豫": "河南省", "鄂": "湖北省", "湘": "湖南省", "粤": "广东省", "桂": "广西壮族自治区",
    "琼": "海南省", "川": "四川省", "蜀": "四川省", "贵": "贵州省", "黔": "贵州省", "云": "云南省",
    "滇": "云南省", "藏": "西藏自治区", "陕": "陕西省", "秦": "陕西省", "甘": "甘肃省",
    "陇": "甘肃省", "青": "青海省", "宁": "宁夏回族自治区", "新": "新疆维吾尔自治区",
    "港": "香港特别行政区", "澳": "澳门特别行政区", "台": "台湾省", "内蒙": "内蒙古自治区",
    "兵团": "新疆维吾尔自治区", "hongkong": "香港特别行政区", "macau": "澳门特别行政区",
    "macao": "澳门特别行政区", "taiwan": "台湾省",
}  # fmt: skip


NICKNAMES = {
    "前郭县": "前郭尔罗斯蒙古族自治县", "杜蒙县": "杜尔伯特蒙古族自治县",
    "阜蒙县": "阜新蒙古族自治县", "喀左县": "喀喇沁左翼蒙古族自治县",
    "达茂旗": "达尔罕茂明安联合旗", "科左中旗": "科尔沁左翼中旗", "科左后旗": "科尔沁左翼后旗",
    "科右前旗": "科尔沁右翼前旗", "科右中旗": "科尔沁右翼中旗", "锡盟": "锡林郭勒盟",
    "阿盟": "阿拉善盟", "巴州": "巴音郭楞蒙古自治州", "博州": "博尔塔拉蒙古自治州",
    "克州": "克孜勒苏柯尔克孜自治州",
}  # fmt: skip


def stem(name: str) -> str:
    """Take the ending off a division's name; a name that would be too short stays whole.

    >>> [stem(name) for name in ("深圳市", "广西壮族自治区", "西双版纳傣族自治州", "忠县")]
    ['深圳', '广西', '西双版纳', '忠县']
    """
    autonomous = _AUTONOMOUS.fullmatch(name)
    if autonomous is not None:
        return autonomous[1]
    plain = _ENDING.fullmatch(name)
    return plain[1] if plain is not None else name


def other_names(name: str) -> Iterator[str]:
    """Yield what people write for an official name, the name itself left out.

    >>> list(other_names("恩施土家族苗族自治州")), list(other_names("广西壮族自治区"))
    (['恩施', '恩施州'], ['广西', '广西省', '广西自治区'])
    """
    short = stem(name)
    if short == name or len(short) < _SHORTEST:
        return
    yield short
    autonomous = _AUTONOMOUS.fullmatch(name)
    if autonomous is not None and autonomous[3] == "区":
        yield from (f"{short}省", f"{short}自治区")
    elif autonomous is not None:
        yield f"{short}{autonomous[3]}"
    elif name.endswith("特别行政区"):
        yield from (f"{short}特区", f"{short}市", f"{short}省")
