# SPDX-License-Identifier: Apache-2.0
"""What the demonstration's narrator says, and the beginnings of sentences that he waits for."""

HEARD = {
    "place": {"ja": "ICカードをカードリーダーに置いて", "en": "Place your IC card"},
    "pin": {"ja": "暗証番号を入力", "en": "Enter the PIN"},
    "finger": {"ja": "登録した指をセンサーに", "en": "a registered finger"},
    "retry": {"ja": "あと\\d回", "en": "Tries left"},
}

SAID = {
    "number": {"en": "1  A host of the individual-number zone: card and finger",
               "ja": "1  個人番号利用事務系の端末：ICカードと指紋"},
    "refusals": {"en": "2  Three refusals on that host",
                 "ja": "2  この端末で断られる三つの場合"},
    "lgwan": {"en": "3  A host of the LGWAN zone: card and PIN",
              "ja": "3  LGWAN系の端末：ICカードと暗証番号"},
    "internet": {"en": "4  A host of the internet zone: card",
                 "ja": "4  インターネット接続系の端末：ICカード"},
    "login": {"en": "Hanako logs in: her card, her right index finger",
              "ja": "花子がログインする：自分のカードと右手の人さし指"},
    "wrong-finger": {"en": "Hanako's card, but somebody else's finger, three times",
                     "ja": "花子のカード、ほかの人の指（3回）"},
    "other-card": {"en": "Somebody else's card",
                   "ja": "ほかの人のカード"},
    "pulled": {"en": "The card is pulled out while the finger is awaited",
               "ja": "指を待つ間にカードが抜かれる"},
    "again": {"en": "And once more as it should be: her other finger",
              "ja": "もう一度、正しい手順で：もう片方の手の指"},
    "login-pin": {"en": "Hanako logs in: her card and its PIN",
                  "ja": "花子がログインする：カードと暗証番号"},
    "login-card": {"en": "Hanako logs in: her card",
                   "ja": "花子がログインする：カード"},
    "host": {"en": "This machine is now: {}", "ja": "この端末の設定：{}"},
    "log": {"en": "log:  {}", "ja": "記録：{}"},
    "cost": {"en": "time: {total:.0f} ms from the card to the verdict, with reader, card, sensor and disk; "
                   "toyama itself {own:.1f} ms; {apdus} APDUs, {octets} octets",
             "ja": "時間：カードを置いてから判定まで{total:.0f} ms（リーダー、カード、センサー、ディスクを含む）、"
                   "toyama自体は{own:.1f} ms、APDU {apdus}回、{octets}オクテット"},
    "done": {"en": "Done: everybody got in, or did not, as it should be",
             "ja": "終わり：すべて期待どおりでした"},
    "failed": {"en": "THE DEMO FAILED: {}", "ja": "期待どおりではありません：{}"},
    "keep": {"en": "A shell to play in: an individual-number host; hanako and taro are enrolled",
             "ja": "試せるシェル：個人番号利用事務系の端末、hanakoとtaroが登録済み"},
    "hints": {
        "en": """\
    desk place hanako      desk take hanako      desk press hanako [1..10]
    (desk place hanako; sleep 1; desk press hanako) & runuser -u taro -- su hanako
    toyama-enroll check    toyama-enroll audit show    less {log}
    The PIN of the cards is {pin}. "exit" ends it and leaves nothing behind.
""",
        "ja": """\
    desk place hanako      カードを置く
    desk take hanako       カードを取る
    desk press hanako      指を置く（1～10を付けると別の置き方）
    (desk place hanako; sleep 1; desk press hanako) & runuser -u taro -- su hanako
    toyama-enroll check    toyama-enroll audit show    less {log}
    カードの暗証番号は{pin}です。exitで終わり、何も残りません。
"""},
}
