"""Chinese, Japanese and Korean as they are spoken: what the golden sentences leave out, and what holds for any text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.text.spoken import chinese, japanese, korean, spoken
from daemon.text.spoken.piece import joined

LANGUAGES = {"zh": chinese, "ja": japanese, "ko": korean}
ALPHABET = (
    "0123456789０５.,，:：/-~〜+=×%℃°$¥₩()年月日号時时分点点秒個个本人円元万億亿两第前後後週周원개"
    "명시분년월일번만제 km/h kWh GPT a@b.c 한글カナ漢字½Ⅲ₂"
)
SAID = {
    "zh": [
        "200个，2000个，22个，102个|二百个，两千个，二十二个，一百零二个",
        "2月2日，2楼，2号线，第2名，2-3个|二月二日，二楼，二号线，第二名，两到三个",
        "2020-2024年，1000年前，98年5月，90后|二零二零到二零二四年，一千年前，九八年五月，九零后",
        "0:15，22:02，2:00，14:30:15，3:05 PM|零点十五分，二十二点零二分，两点，十四点三十分十五秒，下午三点零五分",
        "2024-03-14T08:30|二零二四年三月十四日八点三十分",
        "6月1日-7日，9点~12点，周一~周五|六月一日到七日，九点到十二点，周一到周五",
        "-8~-3℃，-2度，+5℃，0℃|零下八到零下三摄氏度，零下两度，零上五摄氏度，零摄氏度",
        "40-60%，-0.3%，0.5%p|百分之四十到六十，负百分之零点三，零点五个百分点",
        "¥12.50，$1.5万，-¥5，20EUR|十二点五元，一点五万美元，负五元，二十欧元",
        "0.56元/度，0.3元/kWh，60公里/小时|零点五六元每度，零点三元每千瓦时，六十公里每小时",
        "时速60km/h，2700K，1080p|时速六十公里，两千七百K，幺零八零p",
        "+86 138-0013-8000，(010)62345678|加八六，幺三八，零零幺三，八零零零，零幺零，六二三四五六七八",
        "GPT-4，A380，G1024次，iPhone 5s|GPT-四，A三八零，G幺零二四次，iPhone 五s",
        "½杯，1½杯，1 1/2杯，Ⅲ级|二分之一杯，一又二分之一杯，一又二分之一杯，三级",
        "y≥10，苹果&香蕉，7x24小时|y大于等于十，苹果和香蕉，七乘二十四小时",
        "比分10:12，3/14(周四)|比分十比十二，三月十四日(周四)",
        "00:1A:2B:3C:4D:5E，0x1F，a1b2|00:1A:2B:3C:4D:5E，0x1F，a1b2",
        "12345678901234567890|一二三四五六七八九零一二三四五六七八九零",
        "電話138 0013 8000|電話一三八，零零一三，八零零零",
        "AQI为156，邮编100084，A座2001室|AQI为一百五十六，邮编幺零零零八四，A座二零零幺室",
    ],
    "ja": [
        "2時10分、10分の1、30分|二時じゅっぷん、十分の一、三十分",
        "0度、0.5、0個、0時|零度、零点五、ゼロ個、零時",
        "14:10、7:05 AM、9時〜17時、9:00〜|十四時じゅっぷん、午前七時五分、九時から十七時、九時から",
        "午前9時〜午後5時、月〜金|午前九時から午後五時、月から金",
        "-5〜3℃、40〜60%、68°F|マイナス五度から三度、四十から六十パーセント、華氏六十八度",
        "$5.50、€10.00、£5、￥１，２３４|五ドル五十セント、十ユーロ、五ポンド、千二百三十四円",
        "最大風速15m/s、秒速5m/s、時速60km/h、27円/kWh|"
        "最大風速十五メートル、秒速五メートル、時速六十キロメートル、一キロワット時あたり二十七円",
        "03(1234)5678、09012345678|ゼロ三の一二三四の五六七八、ゼロ九ゼロの一二三四の五六七八",
        "渋谷区1-2-3、郵便番号は100-0001|渋谷区一の二の三、郵便番号は一ゼロゼロのゼロゼロゼロ一",
        "3万5千円、1.5億円、11000万、21000|三万五千円、一点五億円、一億一千万、二万千",
        "No.1、No.3、1½、16:9|ナンバーワン、ナンバー三、一と二分の一、十六対九",
        "R&D、ロック&ロール、1920×1080|RアンドD、ロックアンドロール、千九百二十かける千八十",
        "5-3、1/2/3、a1b2c3|五-三、一/二/三、a1b2c3",
    ],
    "ko": [
        "1개, 2마리, 20대, 21명, 100개, 99개|한 개, 두 마리, 이십 대, 스물한 명, 백 개, 아흔아홉 개",
        "1번째, 3번, 3번 출구, 7번 채널, 채널 7번|첫 번째, 세 번, 삼 번 출구, 칠 번 채널, 채널 칠 번",
        "0시, 12시, 13시, 2시간, 48시간|영 시, 열두 시, 십삼 시, 두 시간, 사십팔 시간",
        "5시30분, 2박3일, 3월14일|다섯 시 삼십 분, 이 박 삼 일, 삼월 십사 일",
        "3을 4로, 3부터 5까지, 3개월, 3개|삼을 사로, 삼부터 오까지, 삼 개월, 세 개",
        "1만원, 1천만원, 3만 5천원, 1.5억, 1억|만 원, 천만 원, 삼만 오천 원, 일 점 오억, 일억",
        "5분의 1, 3/4, 1½컵, 2.5개|오분의 일, 사분의 삼, 일과 이분의 일 컵, 이 점 오 개",
        "1~2시간, 3~4월, 5-7일, 월~금|한 시간에서 두 시간, 삼월에서 사월, 오에서 칠 일, 월에서 금",
        "오전 9시~오후 5시, 9:00-18:00|오전 아홉 시에서 오후 다섯 시, 아홉 시에서 십팔 시",
        "-5~3℃, -5~3도, -2도, 68°F|영하 오 도에서 영상 삼 도, 영하 오 도에서 영상 삼 도, 영하 이 도, 화씨 육십팔 도",
        "2024. 3. 14. 버전 2024.3.1|이천이십사 년 삼월 십사 일. 버전 이천이십사 점 삼 점 일",
        "$5.50, €20, -$5, 3.5%p|오 달러 오십 센트, 이십 유로, 마이너스 오 달러, 삼 점 오 퍼센트포인트",
        "시속 60km/h, 15m/s|시속 육십 킬로미터, 초속 십오 미터",
        "01012345678, 1588-1234, 123-4번지|공일공 일이삼사 오육칠팔, 일오팔팔 일이삼사, 백이십삼 다시 사 번지",
        "채널을 11번으로, 1주일, 2주일|채널을 십일 번으로, 일주일, 이 주일",
        "5+3=8, 3×4|오 더하기 삼은 팔, 삼 곱하기 사",
    ],
}


@pytest.mark.parametrize(("language", "line"), [(language, line) for language in SAID for line in SAID[language]])
def test_said(language: str, line: str) -> None:
    written, _, expected = line.partition("|")
    assert joined(written, LANGUAGES[language].pieces(written)) == expected


@pytest.mark.parametrize(
    ("language", "written", "expected"),
    [
        ("ja", "彼は「3개 주세요 5개」と3回言った。", "彼は「세 개 주세요 다섯 개」と三回言った。"),
        ("zh", "她唱了「夜に駆ける 10分」2次。", "她唱了「夜に駆ける じゅっぷん」两次。"),
        ("ko", "그는 “我明天3点去北京 2次” 라고 2번 말했다.", "그는 “我明天三点去北京 两次” 라고 두 번 말했다."),
    ],
)
def test_numbers_in_a_quotation_are_of_its_language(language: str, written: str, expected: str) -> None:
    assert joined(written, spoken(written, language)) == expected


def test_pieces_stand_in_any_sentence_of_a_long_text() -> None:
    text = "今天很好。" * 50 + "见a@b.cn。" + "明天23℃，c@d.cn。" * 2 + "没有。" * 9 + "第2个和2个。见a@b.cn"
    said = "今天很好。" * 50 + "见a艾特b点C N。" + "明天二十三摄氏度，c艾特d点C N。" * 2 + "没有。" * 9
    said += "第二个和两个。见a艾特b点C N"
    assert joined(text, chinese.pieces(text)) == said


@pytest.mark.parametrize("language", LANGUAGES)
@given(text=st.text(ALPHABET, max_size=60) | st.text(max_size=30))
@settings(max_examples=300, deadline=None)
def test_pieces_are_in_order_and_inside_any_text(language: str, text: str) -> None:
    at = 0
    for piece in LANGUAGES[language].pieces(text):
        assert at <= piece.start < piece.end <= len(text)
        at = piece.end


@pytest.mark.parametrize("language", LANGUAGES)
@given(text=st.text("0123456789個个개人명 はい好요。", max_size=40))
@settings(max_examples=200, deadline=None)
def test_no_digit_is_left_where_only_numbers_and_counters_stand(language: str, text: str) -> None:
    assert not set(joined(text, LANGUAGES[language].pieces(text))) & set("0123456789")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "piece", ["1", "1,", "¥", "１", "1-", "1.", "1:", "a1", "2024-", "1km/", "½", "a@", "1~", "192.168."]
)
def test_no_text_takes_long(language: str, piece: str) -> None:
    text = (piece * 20_000)[:20_000]
    begun = time.process_time()
    LANGUAGES[language].pieces(text)
    assert time.process_time() - begun < 10


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("zh", "今天天气很好，我们去公园散步。"),
        ("ja", "今日は良い天気なので散歩に行きました。"),
        ("ko", "오늘은 날씨가 좋아서 산책했습니다. "),
    ],
)
def test_a_million_characters_of_prose(language: str, sentence: str) -> None:
    text = ((sentence * 20 + "23.5℃ 14:30 ") * 10_000)[:1_000_000]
    begun = time.process_time()
    assert LANGUAGES[language].pieces(text)
    assert time.process_time() - begun < 10
