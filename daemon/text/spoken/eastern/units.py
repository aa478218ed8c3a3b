"""Units and currencies as Chinese, Japanese and Korean call them. `{}` is where the number goes, the end if there is none."""

from __future__ import annotations

from typing import Final

# symbols | Chinese | Japanese | Korean. As people say them at home: 20 ℃ is 二十度 and 이십 도, but 二十摄氏度.
_UNITS: Final = """
%|百分之{}|パーセント|퍼센트
%p|{}个百分点|パーセントポイント|퍼센트포인트
‰|千分之{}|パーミル|퍼밀
℃ °C ºC|摄氏度|度|도
℉ °F ºF|华氏度|華氏{}度|화씨 {} 도
°|度|度|도
km ㎞|公里|キロメートル|킬로미터
m|米|メートル|미터
cm ㎝|厘米|センチメートル|센티미터
mm ㎜|毫米|ミリメートル|밀리미터
K|K|ケルビン|케이
μm µm|微米|マイクロメートル|마이크로미터
nm|纳米|ナノメートル|나노미터
inch|英寸|インチ|인치
ft|英尺|フィート|피트
km² km2 ㎢|平方公里|平方キロメートル|제곱킬로미터
m² m2 ㎡|平方米|平方メートル|제곱미터
cm² cm2 ㎠|平方厘米|平方センチメートル|제곱센티미터
m³ m3 ㎥|立方米|立方メートル|세제곱미터
cm³ cm3 ㏄ cc|立方厘米|立方センチメートル|세제곱센티미터
ha|公顷|ヘクタール|헥타르
kg ㎏|公斤|キログラム|킬로그램
g|克|グラム|그램
mg ㎎|毫克|ミリグラム|밀리그램
μg µg ㎍|微克|マイクログラム|마이크로그램
lb|磅|ポンド|파운드
oz|盎司|オンス|온스
L l ℓ|升|リットル|리터
mL ml ㎖|毫升|ミリリットル|밀리리터
km/h|公里每小时|時速{}キロメートル|시속 {} 킬로미터
mph|英里每小时|時速{}マイル|시속 {} 마일
m/s ㎧|米每秒|秒速{}メートル|초속 {} 미터
mm/h|毫米每小时|一時間に{}ミリメートル|시간당 {} 밀리미터
L/min|升每分钟|毎分{}リットル|분당 {} 리터
g/m³|克每立方米|グラム毎立方メートル|세제곱미터당 {} 그램
mg/m³|毫克每立方米|ミリグラム毎立方メートル|세제곱미터당 {} 밀리그램
μg/m³ µg/m³ ㎍/㎥ ㎍/m³ μg/㎥ µg/㎥ ug/m3 μg/m3 µg/m3|微克每立方米|マイクログラム毎立方メートル|세제곱미터당 {} 마이크로그램
rpm|转每分|アールピーエム|알피엠
W|瓦|ワット|와트
kW ㎾ KW|千瓦|キロワット|킬로와트
MW|兆瓦|メガワット|메가와트
mW|毫瓦|ミリワット|밀리와트
Wh|瓦时|ワット時|와트시
kWh KWh kwh|千瓦时|キロワット時|킬로와트시
MWh|兆瓦时|メガワット時|메가와트시
元/kWh 円/kWh 원/kWh|{}元每千瓦时|一キロワット時あたり{}円|킬로와트시당 {} 원
V|伏|ボルト|볼트
mV|毫伏|ミリボルト|밀리볼트
kV|千伏|キロボルト|킬로볼트
A|安|アンペア|암페어
mA|毫安|ミリアンペア|밀리암페어
Ah|安时|アンペア時|암페어시
mAh|毫安时|ミリアンペア時|밀리암페어시
Hz ㎐|赫兹|ヘルツ|헤르츠
kHz ㎑|千赫|キロヘルツ|킬로헤르츠
MHz ㎒|兆赫|メガヘルツ|메가헤르츠
GHz ㎓|吉赫|ギガヘルツ|기가헤르츠
Pa|帕|パスカル|파스칼
hPa|百帕|ヘクトパスカル|헥토파스칼
kPa ㎪|千帕|キロパスカル|킬로파스칼
mmHg|毫米汞柱|水銀柱ミリメートル|수은주밀리미터
dB ㏈|分贝|デシベル|데시벨
dBm|分贝毫瓦|ディービーエム|디비엠
lx|勒克斯|ルクス|럭스
lm|流明|ルーメン|루멘
ppm|ppm|ピーピーエム|피피엠
ppb|ppb|ピーピービー|피피비
kcal|千卡|キロカロリー|킬로칼로리
cal|卡|カロリー|칼로리
J|焦|ジュール|줄
kJ|千焦|キロジュール|킬로줄
N|牛|ニュートン|뉴턴
Ω|欧姆|オーム|옴
KB kB|KB|キロバイト|킬로바이트
MB|MB|メガバイト|메가바이트
GB|GB|ギガバイト|기가바이트
TB|TB|テラバイト|테라바이트
kbps Kbps|千比特每秒|キロビーピーエス|킬로비피에스
Mbps|兆比特每秒|メガビーピーエス|메가비피에스
Gbps|吉比特每秒|ギガビーピーエス|기가비피에스
MB/s|兆字节每秒|メガバイト毎秒|초당 {} 메가바이트
GB/s|吉字节每秒|ギガバイト毎秒|초당 {} 기가바이트
h|小时|時間|시간
min|分钟|分|분
s|秒|秒|초
ms ㎳|毫秒|ミリ秒|밀리초
USD|美元|ドル|달러
EUR|欧元|ユーロ|유로
GBP|英镑|ポンド|파운드
JPY|日元|円|엔
CNY RMB|元|人民元|위안
KRW|韩元|ウォン|원
HKD|港元|香港ドル|홍콩 달러
"""
# signs before the number | Chinese | Japanese | Korean
_MONEY: Final = """
$ US$ USD|美元|ドル|달러
€ EUR|欧元|ユーロ|유로
£ GBP|英镑|ポンド|파운드
¥|元|円|엔
CN¥ RMB CNY|元|人民元|위안
JP¥ JPY|日元|円|엔
₩ KRW|韩元|ウォン|원
HK$|港元|香港ドル|홍콩 달러
NT$|新台币|台湾ドル|대만 달러
A$|澳元|オーストラリアドル|호주 달러
C$|加元|カナダドル|캐나다 달러
₽|卢布|ルーブル|루블
₹|卢比|ルピー|루피
฿|泰铢|バーツ|바트
₫|越南盾|ドン|동
"""
_COLUMNS: Final = {"zh": 1, "ja": 2, "ko": 3}


def units(language: str) -> dict[str, str]:
    """Symbol to name, or to a phrase with `{}` for the number."""
    return _column(_UNITS, _COLUMNS[language])


def money(language: str) -> dict[str, str]:
    """What stands before an amount, and the name of the currency behind it."""
    return _column(_MONEY, _COLUMNS[language])


def _column(table: str, column: int) -> dict[str, str]:
    rows = [row.split("|") for row in table.strip().splitlines()]
    return {symbol: row[column] for row in rows for symbol in row[0].split()}
