"""The tables behind the demo statement: an invented account that holds well-known instruments.

Cells are text, separated by bars; the first line of a table names its columns. Times are New York's, as a
Flex statement writes them. Instruments and ISINs are real; prices, ids and amounts are invented.
"""

# ruff: noqa: E501 - a table reads best with its lines unbroken

from typing import Final

ACCOUNT: Final = "U1000001"
BASE: Final = "GBP"
FIRST_DAY: Final = "20260302"
LAST_DAY: Final = "20260529"
GENERATED: Final = "20260530;021146"

# first, last: closing price on the first and on the last day of the statement, where held.
INSTRUMENTS: Final = """
symbol  | conid     | isin         | currency | listing | kind   | country | first  | last   | description
BP.     | 900100011 | GB0007980591 | GBP      | LSE     | COMMON | GB      |        | 5.094  | BP PLC
LLOY    | 900100028 | GB0008706128 | GBP      | LSE     | COMMON | GB      | 0.9612 |        | LLOYDS BANKING GROUP PLC
VUAG    | 900100035 | IE00BFMXXD54 | GBP      | LSEETF  | ETF    | IE      |        | 107.31 | VANG S&P500 USDA
VWRL    | 900100042 | IE00B3RBWM25 | GBP      | LSEETF  | ETF    | IE      | 124.85 | 128.42 | VANG FTSE AW USDD
AAPL    | 900200019 | US0378331005 | USD      | NASDAQ  | COMMON | US      | 262.14 | 272.05 | APPLE INC
AMZN    | 900200026 | US0231351067 | USD      | NASDAQ  | COMMON | US      |        | 228.4  | AMAZON.COM INC
BRK B   | 900200033 | US0846707026 | USD      | NYSE    | COMMON | US      |        | 497.6  | BERKSHIRE HATHAWAY INC-CL B
KO      | 900200040 | US1912161007 | USD      | NYSE    | COMMON | US      | 77.18  | 78.93  | COCA-COLA CO/THE
BMWd    | 900300017 | DE0005190003 | EUR      | IBIS    | COMMON | DE      |        | 81.66  | BAYERISCHE MOTOREN WERKE AG
EXS1d   | 900300024 | DE0005933931 | EUR      | IBIS2   | ETF    | DE      |        | 206.9  | ISHARES CORE DAX DE
700     | 900400015 | KYG875721634 | HKD      | SEHK    | COMMON | KY      |        | 548.5  | TENCENT HOLDINGS LTD
GBP.USD | 900900013 |              | USD      |         |        |         |        |        | GBP.USD
GBP.HKD | 900900020 |              | HKD      |         |        |         |        |        | GBP.HKD
EUR.GBP | 900900037 |              | GBP      |         |        |         |        |        | EUR.GBP
"""

# What was held before the first day; cost is the money paid for the whole lot, charges included.
OPENING_LOTS: Final = """
symbol | quantity | cost     | opened          | transaction | order
VWRL   | 60       | 6151.8   | 20240611;050212 | 29104406113 | 3105540017
AAPL   | 20       | 3624.36  | 20240220;101533 | 27880140527 | 2990217740
AAPL   | 15       | 3345.15  | 20241105;111947 | 31560072904 | 3340618825
KO     | 60       | 3672.36  | 20240513;134408 | 28820650335 | 3077104462
LLOY   | 5000     | 2761.5   | 20240305;041826 | 28020391846 | 3004481951
"""

# Money held before the first day. The francs are the dust that old conversions leave behind.
OPENING_CASH: Final = """
currency | amount
CHF      | 0.003417
EUR      | 120.55
GBP      | 18750.371856
HKD      | 0
USD      | 1843.219604715
"""

# One line per execution, in the order of time. Quantity and charges are signed as the broker signs them.
# close: the day's closing price; lines with the same order number are fills of one order.
FILLS: Final = """
order | trade    | time            | symbol  | quantity | price   | close  | settle   | venue     | commission  | taxes | type  | notes
01    | 20260305 | 20260305;043211 | VUAG    | 40       | 103.52  | 103.71 | 20260309 | LSEETF    | -3          | 0     | LMT   |
02    | 20260306 | 20260306;061508 | GBP.USD | -6000    | 1.34655 | 0      | 20260310 | IDEALFX   | -1.48552    | 0     | LMT   |
03    | 20260309 | 20260309;051940 | EUR.GBP | 5500     | 0.8669  | 0      | 20260311 | IDEALFX   | -1.48922    | 0     | LMT   |
04    | 20260310 | 20260310;064427 | BMWd    | 30       | 84.26   | 84.5   | 20260312 | IBIS      | -3          | 0     | LMT   | P
04    | 20260310 | 20260310;064431 | BMWd    | 10       | 84.24   | 84.5   | 20260312 | TRQXDE    | 0           | 0     | LMT   | P
05    | 20260311 | 20260311;103302 | BRK B   | 5        | 489.32  | 490.14 | 20260312 | IBKRATS   | -0.35013925 | 0     | MIDPX | P
05    | 20260311 | 20260311;103304 | BRK B   | 4        | 489.35  | 490.14 | 20260312 | NYSE      | -0.0140392  | 0     | MIDPX | P
05    | 20260311 | 20260311;103309 | BRK B   | 3        | 489.35  | 490.14 | 20260312 | EDGX      | -0.0105294  | 0     | MIDPX | P
06    | 20260312 | 20260312;070219 | EXS1d   | 8        | 203.15  | 203.4  | 20260316 | IBIS2     | -3          | 0     | LMT   |
07    | 20260317 | 20260317;014052 | 700     | 100      | 528     | 531.5  | 20260319 | SEHK      | -42.24      | -53   | LMT   |
08    | 20260318 | 20260318;033517 | GBP.HKD | -5100    | 10.4547 | 0      | 20260320 | IDEALFX   | -1.49782    | 0     | MKT   |
09    | 20260325 | 20260325;112840 | AAPL    | -15      | 254.18  | 253.9  | 20260326 | ISLAND    | -0.45811624 | 0     | LMT   | P
09    | 20260325 | 20260325;112841 | AAPL    | -10      | 254.21  | 253.9  | 20260326 | IBKRATS   | -0.05411583 | 0     | LMT   | P
10    | 20260402 | 20260402;095516 | AMZN    | 2        | 211.84  | 212.3  | 20260406 | ISLAND    | -0.3504     | 0     | MKT   | P
10    | 20260402 | 20260402;095517 | AMZN    | 0.7315   | 211.84  | 212.3  | 20260406 | IBKRATS   | -0.00256025 | 0     | MKT   | FP;P
11    | 20260408 | 20260408;130126 | KO      | 25       | 76.42   | 76.55  | 20260409 | NYSE      | -0.41287525 | 0     | LMT   | P
11    | 20260408 | 20260408;130344 | KO      | 15       | 76.41   | 76.55  | 20260409 | MEMX      | 0.02137325  | 0     | LMT   | P
12    | 20260414 | 20260414;034003 | GBP.HKD | -5200    | 10.4838 | 0      | 20260416 | IDEALFX   | -1.49376    | 0     | MKT   |
13    | 20260414 | 20260414;064812 | VUAG    | 25       | 105.84  | 105.6  | 20260416 | TRWBUKETF | -3          | 0     | LMT   |
14    | 20260416 | 20260416;013821 | 700     | 100      | 541.5   | 539    | 20260420 | SEHK      | -43.32      | -55   | LMT   |
15    | 20260420 | 20260420;051434 | LLOY    | -3000    | 0.9874  | 0.9886 | 20260422 | LSE       | -3          | 0     | LMT   | P
15    | 20260420 | 20260420;051436 | LLOY    | -2000    | 0.9872  | 0.9886 | 20260422 | CHIXUK    | 0           | 0     | LMT   | P
16    | 20260422 | 20260421;180141 | GBP.USD | 0.87     | 1.3444  | 0      | 20260424 | IDEALFX   | 0           | 0     | LMT   |
17    | 20260506 | 20260506;084930 | GBP.USD | 2000     | 1.3485  | 0      | 20260508 | IDEALFX   | -1.48314    | 0     | LMT   |
18    | 20260518 | 20260518;045107 | BP.     | 200      | 5.1135  | 5.121  | 20260520 | LSE       | -1.5        | -5.11 | LMT   | P
18    | 20260518 | 20260518;045107 | BP.     | 200      | 5.1135  | 5.121  | 20260520 | LSE       | -1.5        | -5.11 | LMT   | P
19    | 20260519 | 20260519;093002 | EUR.GBP | -126.63  | 0.86634 | 0      | 20260521 | IDEALFX   | 0           | 0     | MKT   | AFx
20    | 20260520 | 20260520;141955 | AAPL    | 10       | 271.36  | 270.82 | 20260521 | ISLAND    | -0.35003    | 0     | LMT   |
21    | 20260522 | 20260522;082618 | BP.     | 300      | 5.082   | 5.077  | 20260527 | LSE       | -3          | -7.62 | LMT   |
22    | 20260528 | 20260528;103744 | VUAG    | -15      | 107.26  | 107.19 | 20260601 | LSEETF    | -3          | 0     | LMT   |
23    | 20260529 | 20260529;113650 | AMZN    | -1       | 228.95  | 228.4  | 20260601 | ISLAND    | -0.3562     | 0     | MKT   |
"""

# ex: the day from which a buyer no longer gets it; tax is a rate, fee an amount per share. Part of the
# Coca-Cola shares were lent, so part of that dividend comes as a payment in lieu.
DIVIDENDS: Final = """
symbol | currency | quantity | rate     | tax     | fee   | ex       | paid     | in lieu | label
KO     | USD      | 40       | 0.53     | 0.15    | 0     | 20260313 | 20260401 |         | Ordinary Dividend
KO     | USD      | 20       | 0.53     | 0.15    | 0     | 20260313 | 20260401 | yes     | Ordinary Dividend
VWRL   | USD      | 60       | 0.451208 | 0       | 0     | 20260319 | 20260401 |         | Mixed Income
AAPL   | USD      | 10       | 0.27     | 0.15    | 0     | 20260511 | 20260514 |         | Ordinary Dividend
BMWd   | EUR      | 40       | 4.3      | 0.26375 | 0     | 20260514 | 20260518 |         | Ordinary Dividend
LLOY   | GBP      | 5000     | 0.0243   | 0       | 0     | 20260409 | 20260519 |         | Ordinary Dividend
700    | HKD      | 200      | 5.3      | 0       | 0.053 | 20260518 | 20260528 |         | Ordinary Dividend
"""

# Every other cash row. The broker taxed a dividend of December at the wrong rate: it gives the tax back and
# takes the right one, booked in March under the moment of the dividend.
CASH: Final = """
report   | time            | currency | amount | symbol | action    | type                     | description
20260304 | 20260304        | GBP      | 10000  |        |           | Deposits/Withdrawals     | CASH RECEIPTS / ELECTRONIC FUND TRANSFERS
20260305 | 20260305        | GBP      | -6     |        |           | Other Fees               | UK LSE LEVEL 1 NON-PROFESSIONAL FOR MAR 2026
20260320 | 20251215;202000 | USD      | 9.18   | KO     | 163880412 | Withholding Tax          | KO(US1912161007) CASH DIVIDEND USD 0.51 PER SHARE - US TAX
20260320 | 20251215;202000 | USD      | -4.59  | KO     | 163880412 | Withholding Tax          | KO(US1912161007) CASH DIVIDEND USD 0.51 PER SHARE - US TAX
20260402 | 20260402        | GBP      | -6     |        |           | Other Fees               | UK LSE LEVEL 1 NON-PROFESSIONAL FOR APR 2026
20260407 | 20260407        | GBP      | 7.83   |        |           | Broker Interest Received | GBP CREDIT INT FOR MAR-2026
20260407 | 20260407        | HKD      | -8.08  |        |           | Broker Interest Paid     | HKD DEBIT INT FOR MAR-2026
20260407 | 20260407        | USD      | -0.01  |        |           | Other Fees               | US SECURITIES SNAPSHOT FEES FOR MAR 2026
20260407 | 20260407        | USD      | -0.02  |        |           | Other Fees               | US SECURITIES SNAPSHOT FEES FOR MAR 2026
20260409 | 20260409        | USD      | 0.03   |        |           | Other Fees               | REBATE OF US SECURITIES SNAPSHOT FEES FOR MAR 2026
20260506 | 20260506        | GBP      | 3.94   |        |           | Broker Interest Received | GBP CREDIT INT FOR APR-2026
20260506 | 20260506        | GBP      | -6     |        |           | Other Fees               | UK LSE LEVEL 1 NON-PROFESSIONAL FOR MAY 2026
20260508 | 20260508;090214 | GBP      | -4000  |        |           | Deposits/Withdrawals     | DISBURSEMENT INITIATED BY Demo Account
"""

# What one unit was worth in the base currency; days between are interpolated.
RATES: Final = """
day      | CHF    | EUR    | HKD     | USD
20260302 | 0.9519 | 0.8683 | 0.09481 | 0.7424
20260316 | 0.9502 | 0.8655 | 0.09554 | 0.7481
20260401 | 0.9547 | 0.8701 | 0.09645 | 0.7552
20260415 | 0.9533 | 0.8688 | 0.09531 | 0.7463
20260501 | 0.9476 | 0.8642 | 0.09462 | 0.7409
20260515 | 0.9488 | 0.8667 | 0.09499 | 0.7438
20260529 | 0.9471 | 0.8654 | 0.09447 | 0.7397
"""
