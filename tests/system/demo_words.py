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
    "forced": {"en": "As you wish (--virtual): a virtual reader, virtual cards and a virtual sensor.",
               "ja": "ご指定（--virtual）により、カードリーダー、カード、指紋センサーは仮想のものを使います。"},
    "no-terminal": {"en": "Nobody sits at a terminal: a virtual reader, virtual cards and a virtual sensor.",
                    "ja": "端末の前に人がいないので、カードリーダー、カード、指紋センサーは仮想のものを使います。"},
    "taken": {"en": "Another demo runs and may be using the real devices: this one uses virtual ones.",
              "ja": "ほかのデモが実物の機器を使用中かもしれないので、こちらは仮想のものを使います。"},
    "reader-none": {"en": "No card reader was found: a virtual one, with virtual cards, stands for it.",
                    "ja": "カードリーダーが見つからないので、仮想のリーダーとカードを使います。"},
    "sensor-none": {"en": "No fingerprint sensor that the individual-number zone admits was found: a virtual one "
                          "stands for it, with fingers that press by themselves.",
                    "ja": "個人番号利用事務系で使える指紋センサーが見つからないので、仮想のセンサーと指を使います。"},
    "reader-own": {"en": "Card reader: {}. You are Hanako; your own card is enrolled as it is, and nothing is ever written "
                         "to it.",
                   "ja": "カードリーダー：{}。あなたが花子です。お手持ちのカードをそのまま登録し、カードには何も書き込みません。"},
    "sensor-own": {"en": "Fingerprint sensor: {}. Your own fingers are used; what is kept of them goes away with the demo.",
                   "ja": "指紋センサー：{}。ご自分の指を使います。登録した内容はデモの終わりに消えます。"},
    "begin": {"en": "Press Enter to begin.", "ja": "Enterキーで始めます。"},
    "take": {"en": "Please take the card away.", "ja": "カードを取ってください。"},
    "do-enrol-card": {"en": "When you are asked, put your card on the reader and leave it there until you are told.\n"
                            "Your PIN goes to the card and nowhere else; the last try is never used.",
                      "ja": "案内が出たらカードをリーダーに置き、次の案内までそのままにしてください。\n"
                            "暗証番号はカードにだけ渡り、残り1回になると使いません。"},
    "once-more": {"en": "The three networks share nothing: your card is enrolled on this host, too.",
                  "ja": "三つの系は何も共有しないので、この端末にもカードを登録します。"},
    "do-enrol-right": {"en": "Your right index finger, press by press, as often as you are asked.",
                       "ja": "右手の人さし指を、案内のたびに置いてください。"},
    "do-enrol-left": {"en": "Now your left index finger.", "ja": "次は左手の人さし指です。"},
    "do-card": {"en": "When you are asked, put your card on the reader and leave it there until you are told.",
                "ja": "案内が出たらカードをリーダーに置き、次の案内までそのままにしてください。"},
    "do-other": {"en": "When you are asked, put your colleague's card on the reader.",
                 "ja": "案内が出たら、ほかの方のカードをリーダーに置いてください。"},
    "do-pin": {"en": "Then type its PIN.", "ja": "続いて暗証番号を入力してください。"},
    "do-right": {"en": "When the finger is asked for: your right index finger.",
                 "ja": "指の案内が出たら、右手の人さし指を置いてください。"},
    "do-left": {"en": "When the finger is asked for: your left index finger.",
                "ja": "指の案内が出たら、左手の人さし指を置いてください。"},
    "do-wrong": {"en": "When the finger is asked for, three times: another finger, one that was not enrolled.",
                 "ja": "指の案内が出たら、登録していない別の指を3回置いてください。"},
    "do-pull": {"en": "When the finger is asked for, touch nothing: take the card away.",
                "ja": "指の案内が出たら、指は置かずにカードを取ってください。"},
    "colleague": {"en": "Now somebody else's card. Is a colleague's at hand, type c and Enter; Enter alone takes a virtual "
                        "one:",
                  "ja": "次はほかの人のカードです。手元にあればcとEnter、なければEnterだけ（仮想のカードを使います）："},
    "virtual-card": {"en": "toyama does not take this card: from here on a virtual one stands for it.",
                     "ja": "このカードは登録できないので、ここからは仮想のカードを使います。"},
    "no-pin": {"en": "Your card has no key behind a PIN: a virtual one stands for it on this host.",
               "ja": "お手持ちのカードには暗証番号で守られた鍵がないので、この端末では仮想のカードを使います。"},
    "again-card": {"en": "Enter: try once more. v and Enter: a virtual card instead:",
                   "ja": "Enterでもう一度、vとEnterで仮想のカードを使います："},
    "again-finger": {"en": "Press Enter to try once more.", "ja": "Enterキーでもう一度始めます。"},
    "differently": {"en": "That went differently ({}). Enter: once more. s and Enter: go on without it:",
                    "ja": "説明と違う結果でした（{}）。Enterでもう一度、sとEnterで次へ進みます："},
    "host": {"en": "This machine is now: {}", "ja": "この端末の設定：{}"},
    "log": {"en": "log:  {}", "ja": "記録：{}"},
    "cost": {"en": "time: {total:.0f} ms from the card to the verdict, with reader, card, sensor and disk; "
                   "toyama itself {own:.1f} ms; {apdus} APDUs, {octets} octets",
             "ja": "時間：カードを置いてから判定まで{total:.0f} ms（リーダー、カード、センサー、ディスクを含む）、"
                   "toyama自体は{own:.1f} ms、APDU {apdus}回、{octets}オクテット"},
    "cost-own": {"en": "time: toyama itself {own:.1f} ms; {apdus} APDUs, {octets} octets",
                 "ja": "時間：toyama自体は{own:.1f} ms、APDU {apdus}回、{octets}オクテット"},
    "done": {"en": "Done: everybody got in, or did not, as it should be",
             "ja": "終わり：すべて期待どおりでした"},
    "done-but": {"en": "Done, but a scene was left out", "ja": "終わり：見せられなかった場面があります"},
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
    "hints-own": {
        "en": """\
    runuser -u taro -- su hanako     and do what it asks
    desk place|take taro             somebody else's card, a virtual one
    desk press hanako|taro [1..10]   a virtual finger, where the sensor is virtual
    toyama-enroll check    toyama-enroll audit show    less {log}
    "exit" ends it and leaves nothing behind.
""",
        "ja": """\
    runuser -u taro -- su hanako     案内のとおりに
    desk place|take taro             ほかの人の（仮想の）カード
    desk press hanako|taro [1..10]   仮想の指（センサーが仮想のとき）
    toyama-enroll check    toyama-enroll audit show    less {log}
    exitで終わり、何も残りません。
"""},
}
