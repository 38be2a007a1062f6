### Semua ayat dalam Bahasa Melayu, dengan kunci dan ruang isian yang sama seperti en.ftl.
### Istilah: “tetapkan semula”, “pautan”, “kod”, “log masuk”, “kata laluan”, “e-mel”, “akaun”, “pelayar”; “anda” dengan huruf kecil.

## The language itself

language-name = Bahasa Melayu
language-direction = ltr

## Times and durations

time = { $day } { $month } { $year }, { $hour }:{ $minute } { $zone }
month-1 = Januari
month-2 = Februari
month-3 = Mac
month-4 = April
month-5 = Mei
month-6 = Jun
month-7 = Julai
month-8 = Ogos
month-9 = September
month-10 = Oktober
month-11 = November
month-12 = Disember
span-days = { $n } hari
span-hours = { $n } jam
span-minutes = { $n } minit
span-moment = kurang daripada 1 minit
# Menyambung dua daripadanya: 3 jam 25 minit.
span-join = { $first } { $second }
list-join = { $first }, { $second }

## Password rules, in words that follow “The password”

rule-min-length = mesti mengandungi sekurang-kurangnya { $n } aksara
rule-max-length = tidak boleh melebihi { $n } aksara
rule-max-bytes = tidak boleh melebihi { $n } bait
rule-upper = mesti mengandungi huruf besar
rule-lower = mesti mengandungi huruf kecil
rule-letter = mesti mengandungi huruf
rule-digit = mesti mengandungi nombor
rule-symbol = mesti mengandungi simbol
rule-not-current = mesti berbeza daripada kata laluan semasa
rule-not-earlier = { $n ->
    [1] mesti berbeza daripada kata laluan sebelumnya
   *[other] mesti berbeza daripada { $n } kata laluan sebelumnya
}
rule-not-common = tidak boleh merupakan kata laluan yang lazim digunakan
rule-not-breached = mesti belum pernah muncul dalam kebocoran data
rule-not-context = tidak boleh berdasarkan butiran akaun anda atau nama perkhidmatan ini
rule-strength = mesti sukar diteka
rule-confirmed = mesti dimasukkan dua kali
rule-max-age = mesti ditukar setiap { $n } hari
violation-too-common = terlalu lazim
violation-breached = pernah muncul dalam kebocoran data
violation-too-weak = terlalu mudah diteka
violation-not-confirmed = tidak sepadan di kedua-dua ruang

## Why a password is easy to guess

warning-key-rows = Deretan kekunci pada papan kekunci, seperti “qwerty”, mudah diteka.
warning-keyboard-pattern = Corak papan kekunci yang pendek mudah diteka.
warning-repeated-character = Pengulangan seperti “aaa” mudah diteka.
warning-repeated-sequence = Pengulangan seperti “abcabcabc” hanya sukar sedikit diteka berbanding “abc”.
warning-top-10 = Ini antara sepuluh kata laluan yang paling banyak digunakan.
warning-top-100 = Ini antara seratus kata laluan yang paling banyak digunakan.
warning-common = Ini kata laluan yang sangat lazim.
warning-similar-to-common = Ini serupa dengan kata laluan yang kerap digunakan.
warning-sequence = Urutan seperti “abc” atau “6543” mudah diteka.
warning-year = Tahun-tahun kebelakangan ini mudah diteka.
warning-word = Satu perkataan sahaja mudah diteka.
warning-date = Tarikh selalunya mudah diteka.
warning-own-name = Nama orang sahaja mudah diteka.
warning-common-name = Nama orang yang lazim mudah diteka.

## How to choose a better one

advice-few-words = Gunakan beberapa perkataan, tetapi elakkan ungkapan biasa.
advice-no-classes-needed = Menambah perkataan lebih berguna daripada menambah simbol, nombor atau huruf besar.
advice-add-words = Tambah satu atau dua perkataan lagi. Perkataan yang jarang digunakan lebih baik.
advice-capital-first = Huruf besar di awal tidak banyak membantu.
advice-all-uppercase = Semua huruf besar hampir sama mudahnya diteka dengan semua huruf kecil.
advice-reversed = Perkataan yang dieja terbalik tidak jauh lebih sukar diteka.
advice-substitutions = Menggantikan huruf, seperti “a” dengan “@”, tidak banyak membantu.
advice-longer-pattern = Gunakan corak papan kekunci yang lebih panjang dan berliku.
advice-no-repeats = Elakkan perkataan dan aksara yang berulang.
advice-no-sequences = Elakkan urutan.
advice-no-recent-years = Elakkan tahun-tahun kebelakangan ini.
advice-no-own-years = Elakkan tahun yang berkaitan dengan anda.
advice-no-own-dates = Elakkan tarikh dan tahun yang berkaitan dengan anda.

## What became of the last message to an account, for administrators

delivery-email-taken = Pelayan e-mel menerima mesej terakhir. Minta pemilik akaun menyemak folder spam.
delivery-whatsapp-taken = WhatsApp menerima mesej terakhir. Mungkin telefon itu dimatikan.
delivery-arrived = Mesej terakhir telah sampai.
delivery-delayed = Mesej terakhir tertangguh. Kami akan menghantarnya semula.
delivery-no-such-address = Alamat e-mel ini tidak wujud. Betulkan alamatnya.
delivery-no-such-domain = Bahagian selepas @ tidak wujud atau tidak menerima e-mel. Betulkan alamatnya.
delivery-closed = Alamat e-mel ini telah ditutup. Masukkan alamat lain.
delivery-full = Peti masuk penuh. Minta pemilik akaun mengosongkan sedikit ruang.
delivery-content = Pelayan e-mel tidak menerima mesej jenis ini. Minta operator menyemak log.
delivery-unreachable = Pelayan e-mel bagi alamat ini tidak menjawab. Semak alamatnya, kemudian cuba lagi.
delivery-ours = Pelayan e-mel menolak mesej daripada perkhidmatan ini. Minta operator menyemak log.
delivery-complaint = Penerima menandakan mesej sebagai spam. Minta pemilik akaun mengalihkannya keluar dari folder spam.
delivery-suppressed = Perkhidmatan e-mel tidak lagi menghantar ke alamat ini. Minta operator membukanya di sana.
delivery-email-refused = Mesej terakhir ditolak. Semak alamatnya, kemudian cuba lagi.
delivery-no-such-number = Nombor ini tiada di WhatsApp. Betulkan nombornya.
delivery-whatsapp-refused = WhatsApp tidak menghantar mesej terakhir. Semak nombornya, kemudian cuba lagi.
delivery-given-up = Mesej terakhir tidak dapat dihantar pada masanya. Cuba lagi.
not-sent-disabled = Tiada mesej dihantar. Akaun ini dinyahaktifkan.
not-sent-no-contact = Tiada mesej dihantar. Akaun ini tiada maklumat hubungan yang disahkan. Tambah satu.
not-sent-locked = Tiada mesej dihantar. Akaun ini dikunci oleh pemiliknya.
not-sent-limit-reached = Tiada mesej dihantar. Sudah ada beberapa. Gunakan yang terakhir, atau tunggu.

## The message that a person sends by WhatsApp; a code stands behind it

message-to-send = Saya sedang menetapkan semula kata laluan saya di { $name }. Jangan hantar mesej ini jika disuruh orang lain.

## What mails and WhatsApp messages say of the account and the device

message-account = Akaun: { $account }
message-device = Peranti: { $device }.

## Replies to it

reply-code =
    { $name }: ada permintaan untuk menetapkan semula kata laluan akaun anda. Jika ini anda, masukkan { $code } pada halaman tempat anda bermula, dalam masa { $lives }.

    Bukan anda, atau ada orang menyuruh anda menghantar mesej tadi? Jangan kongsi kod ini dengan sesiapa.

    Batalkan permintaan ini: { $cancel }
reply-link =
    { $name }: ada permintaan untuk menetapkan semula kata laluan akaun anda. Jika ini anda, buka pautan ini dalam masa { $lives }:
    { $link }

    Bukan anda, atau ada orang menyuruh anda menghantar mesej tadi? Abaikan mesej ini dan jangan kongsi pautannya dengan sesiapa.

    Batalkan permintaan ini: { $cancel }

## What gateways without templates send by WhatsApp

chat-code =
    { $name }: ada permintaan untuk menetapkan semula kata laluan akaun anda. Jika ini anda, masukkan { $code } pada halaman tempat anda bermula, dalam masa { $lives }.

    Bukan anda? Jangan kongsi kod ini dengan sesiapa.

    Batalkan permintaan ini: { $cancel }
chat-step-up =
    { $name }: masukkan { $code } untuk melengkapkan penetapan semula kata laluan yang anda mulakan, dalam masa { $lives }.

    Bukan anda? Jangan kongsi kod ini dengan sesiapa.

    Batalkan permintaan ini: { $cancel }
chat-confirm =
    Pada { $time }, ada orang meminta supaya nombor ini digunakan untuk akaunnya di { $name }. Jika itu anda, sahkan: { $link }

    Jika bukan, abaikan mesej ini.
chat-admin-link =
    Pada { $time }, pentadbir { $name } meminta anda mencipta kata laluan baharu: { $link }

    Tidak menjangkakannya? Batalkan: { $cancel }

    Jangan kongsi mesej ini.
chat-changed-lock =
    Kata laluan anda di { $name } telah ditukar pada { $time }.

    Bukan anda? Kunci akaun anda sekarang: { $link }
chat-changed =
    Kata laluan anda di { $name } telah ditukar pada { $time }.

    Bukan anda? Cipta kata laluan baharu sekarang: { $link }
chat-proved =
    Mesej WhatsApp daripada nombor anda meluluskan penetapan semula kata laluan di { $name } pada { $time }.

    Bukan anda, atau ada orang menyuruh anda? Batalkan: { $link }
chat-code-requested =
    Kod penetapan semula kata laluan di { $name } dihantar ke nombor anda yang lain pada { $time }.

    Bukan anda? Batalkan permintaan: { $link }
chat-admin-requested =
    Pentadbir { $name } memulakan penetapan semula kata laluan akaun anda pada { $time }. Pautannya dihantar ke alamat atau nombor anda yang lain.

    Tidak menjangkakannya? Batalkan: { $link }
chat-cancelled =
    Penetapan semula kata laluan anda di { $name }, yang diminta pada { $time }, telah dibatalkan. Kata laluan anda tidak berubah.

    Masih memerlukan yang baharu? { $link }
chat-contact-changed = Nombor ini dibuang daripada akaun anda di { $name } pada { $time }. Bukan anda? Hubungi { $name } dengan segera.
chat-locked =
    Akaun anda di { $name } dikunci pada { $time }.

    Untuk menggunakannya semula, cipta kata laluan baharu: { $link }

## Pages

page-error = Ralat:
page-language = Bahasa
page-help = Perlukan bantuan?
page-summary-title = Ada masalah
page-sending = Sebentar…
page-time-left = Baki masa
page-copy = Salin
page-copied = Disalin
page-sign-in = Log Masuk
page-try-again = Cuba Lagi
page-send-again = Hantar Semula
page-continue-button = Teruskan
page-start-title = Lupa Kata Laluan?
page-start-email-lead = Masukkan alamat e-mel akaun anda. Kami akan menghantar pautan untuk mencipta kata laluan baharu.
page-start-username-lead = Masukkan nama pengguna anda. Kami akan menghantar pautan ke alamat e-mel akaun anda.
page-start-whatsapp-lead = Masukkan nombor WhatsApp anda. Selepas itu, hantar kod kepada kami dari nombor tersebut.
page-start-whatsapp-code-lead = Masukkan nombor WhatsApp anda. Kami akan menghantar kod.
page-start-methods = Cara menetapkan semula kata laluan
page-start-by-email = E-mel
page-start-by-username = Nama pengguna
page-start-by-whatsapp = WhatsApp
page-start-by-whatsapp-code = Kod melalui WhatsApp
page-start-email-label = Alamat E-mel
page-start-username-label = Nama Pengguna
page-start-phone-label = Nombor WhatsApp
page-start-phone-hint = Contohnya 0812 0000 0001 atau +62 812 0000 0001
page-start-link-button = Hantar Pautan
page-start-code-button = Hantar Kod
page-start-message-button = Teruskan
page-start-remembered = Ingat kata laluan anda?
page-start-empty-email = Masukkan alamat e-mel anda.
page-start-empty-username = Masukkan nama pengguna anda.
page-start-empty-phone = Masukkan nombor WhatsApp anda.
page-start-bad-email = Masukkan alamat e-mel penuh, seperti nama@example.com.
page-start-bad-username = Semak nama pengguna anda. Tidak boleh ada ruang kosong di awal atau di akhir.
page-start-bad-phone = Masukkan nombor WhatsApp penuh, seperti 0812 0000 0001.
page-challenge-title = Semakan ringkas
page-challenge-lead = Kami menerima banyak permintaan sekarang, jadi kami menyemak pelayar anda dahulu.
page-challenge-widget-lead = Kami menerima banyak permintaan sekarang. Lengkapkan semakan ini untuk meneruskan.
page-challenge-checking = Menyemak pelayar anda… Ini mengambil masa beberapa saat.
page-challenge-checked = Semakan selesai. Tekan { $button } untuk meneruskan.
page-challenge-failed = Semakan belum selesai. Cuba lagi.
page-challenge-stuck = Semakan ini tidak berfungsi dalam pelayar anda. Gunakan pelayar lain, atau tunggu { $time } dan cuba lagi.
page-challenge-no-script = Semakan ini memerlukan JavaScript. Hidupkannya, atau tunggu { $time } dan cuba lagi.
page-challenge-missing = Tiada semakan di sini? Gunakan pelayar lain, atau tunggu { $time } dan cuba lagi.
page-mail-title = Permintaan berjaya,
page-mail-lead = sila semak e-mel anda untuk menukar kata laluan
page-mail-to-email = Jika { $typed } berdaftar, kami akan menghantar e-mel yang mengandungi pautan dan kod.
page-mail-to-email-list = Jika { $typed } berdaftar, kami akan menghantar e-mel yang mengandungi pautan.
page-mail-to-username = Jika akaun { $typed } berdaftar, kami akan menghantar pautan dan kod ke alamat e-melnya.
page-mail-link = Buka pautan dalam e-mel itu, pada peranti ini atau peranti lain.
page-mail-reference = Subjek e-mel berakhir dengan ({ $reference }).
page-mail-time-left = Pautan tamat tempoh dalam
page-mail-code-title = Atau masukkan kod daripada e-mel
page-mail-code-title-list = Jika ada kod dalam e-mel, masukkannya di sini
page-code-sent-title = Semak WhatsApp anda
page-code-sent-to = Jika { $typed } berdaftar, kami akan menghantar kod ke nombor tersebut.
page-code-label-8 = Kod 8 Digit
page-code-label-6 = Kod 6 Digit
page-code-hint = Masukkan kod dengan atau tanpa ruang kosong.
page-code-unreadable = Masukkan semua digit kod.
page-code-wrong = Kod ini salah atau telah tamat tempoh. Semak semula, atau minta kod baharu.
page-code-attempts-left = Tinggal { $n } percubaan.
page-code-no-attempts-left = Terlalu banyak percubaan. Gunakan pautan dalam e-mel, atau hantar semula e-mel itu.
page-code-no-attempts-left-phone = Terlalu banyak percubaan. Mula semula untuk mendapatkan kod baharu.
page-missing-title = Mesej belum diterima?
page-missing-spam = Semak folder spam anda. E-mel mungkin mengambil masa beberapa minit.
page-missing-whatsapp = Pastikan nombor ini ada di WhatsApp. Mesej mungkin mengambil masa seminit.
page-missing-mail-instead = Jika kod tidak dapat dihantar melalui WhatsApp dan akaun itu ada e-mel, kami akan menghantar pautan ke e-mel itu.
page-missing-typo = Pastikan { $typed } betul.
page-missing-again = Masih belum diterima? Hantar semula.
page-start-over = Cuba cara lain
page-message-title = Hantar kod ini melalui WhatsApp
page-message-title-sentence = Hantar mesej ini melalui WhatsApp
page-message-lead = Dari { $typed }, hantar teks di bawah kepada kami melalui WhatsApp. Dengan cara ini, kami tahu bahawa anda yang memintanya.
page-message-number = Nombor WhatsApp kami
page-message-code = Kod anda
page-message-text = Mesej untuk dihantar
page-message-open = Buka WhatsApp
page-message-new-tab = dibuka dalam tab baharu
page-message-qr = Kod QR yang membuka WhatsApp dengan mesej untuk dihantar
page-message-scan = Atau imbas kod ini dengan telefon yang anda gunakan untuk WhatsApp.
page-message-scan-title = WhatsApp pada telefon lain?
page-message-warning = Hantar hanya jika anda sendiri yang memintanya. Jika ada orang menyuruh anda menghantarnya, tutup halaman ini: mereka mungkin cuba mengambil alih akaun anda.
page-message-waiting = Menunggu mesej anda. Anda tidak akan menerima balasan. Halaman ini akan diteruskan secara automatik.
page-message-waiting-reply = Menunggu mesej anda…
page-message-sent-button = Saya Sudah Menghantarnya
page-message-no-script = Anda tidak akan menerima balasan. Selepas menghantar, tekan butang di bawah.
page-message-not-yet = Kami belum menerima mesej anda. Tunggu sebentar, kemudian cuba lagi.
page-reply-title = Kemudian masukkan kod daripada balasan kami
page-reply-received-title = Masukkan kod yang kami hantar
page-reply-received = Kami telah menerima mesej anda dan membalas dengan kod di WhatsApp.
page-phone-next = Kami akan membalas dengan pautan. Buka pautan itu pada telefon anda untuk mencipta kata laluan baharu.
page-phone-received-title = Teruskan pada telefon anda
page-phone-received = Kami telah menerima mesej anda dan membalas dengan pautan di WhatsApp. Buka pautan itu untuk mencipta kata laluan baharu. Anda boleh menutup halaman ini.
page-proved-title = Pengesahan selesai
page-proved-lead = Sekarang cipta kata laluan baharu anda.
page-over-title = Masa telah tamat
page-over-lead = Permintaan ini telah tamat tempoh. Tekan butang untuk mencuba lagi.
page-link-title = Hampir selesai
page-link-lead = Tekan Teruskan untuk mencipta kata laluan baharu.
page-link-paste-lead = Salin keseluruhan pautan daripada mesej, kemudian tampal di sini.
page-link-label = Pautan daripada Mesej
page-link-hint = Pautan bermula dengan https:// dan mengandungi tanda #.
page-link-unreadable = Pautan ini tidak lengkap. Salin keseluruhan pautan daripada mesej.
page-step-up-title = Satu langkah lagi
page-step-up-code-lead = Akaun ini menggunakan pengesahan dua langkah. Kami sedang menghantar kod ke alamat atau nombor anda yang lain. Jika anda bermula dengan e-mel, semak WhatsApp. Jika anda bermula dengan WhatsApp, semak e-mel.
page-step-up-factor-lead = Akaun ini menggunakan pengesahan dua langkah. Masukkan kod yang anda gunakan semasa log masuk.
page-step-up-factor-label = Kod Pengesahan
page-step-up-factor-hint = Gunakan aplikasi pengesah anda, atau kod pemulihan.
page-step-up-factor-empty = Masukkan kod pengesahan anda.
page-step-up-wrong = Kod ini salah atau telah tamat tempoh. Semak semula, kemudian cuba lagi.
page-new-title = Cipta Kata Laluan Baharu
page-new-for = Untuk { $typed }
page-new-username = Akaun
page-new-label = Kata Laluan Baharu
page-again-label = Sahkan Kata Laluan Baharu
page-rules-title = Kata laluan anda
page-rule-met = Dipenuhi:
page-rule-broken = Belum dipenuhi:
page-show = Tunjukkan
page-hide = Sembunyikan
page-show-label = Tunjukkan kata laluan
page-hide-label = Sembunyikan kata laluan
page-strength = Kekuatan
page-strength-0 = sangat lemah
page-strength-1 = lemah
page-strength-2 = sederhana
page-strength-3 = baik
page-strength-4 = kukuh
page-again-same = Kata laluan sepadan
page-again-different = Kata laluan belum sepadan
page-again-wrong = Kata laluan tidak sepadan. Masukkan kata laluan yang sama di kedua-dua ruang.
page-new-button = Cipta Kata Laluan
page-new-refused = { $n ->
    [1] Kata laluan anda belum ditukar. Semak peraturan yang ditandakan di bawah.
   *[other] Kata laluan anda belum ditukar. Semak { $n } peraturan yang ditandakan di bawah.
}
page-new-busy = Kami sedang sibuk. Kata laluan anda belum ditukar. Masukkan semula kata laluan baharu sebentar lagi.
page-new-over = Masa telah tamat. Borang ini telah tamat tempoh.
page-done-title = Kata laluan anda telah ditukar
page-done-lead = Log masuk dengan kata laluan baharu anda, pada peranti ini dan semua peranti anda yang lain.
page-cancel-title = Batalkan permintaan ini?
page-cancel-lead = Pautan dan kodnya tidak akan berfungsi lagi. Kata laluan anda kekal sama.
page-cancel-confirm = Saya tidak meminta penetapan semula kata laluan ini
page-cancel-button = Batalkan Permintaan
page-cancel-not-ticked = Tandakan kotak untuk mengesahkan bahawa anda tidak memintanya.
page-cancelled-title = Permintaan dibatalkan
page-cancelled-lead = Pautan dan kodnya tidak berfungsi lagi. Kata laluan anda tidak ditukar.
page-cancelled-advice = Kerap menerima mesej seperti ini? Gunakan kata laluan yang tidak anda gunakan di tempat lain.
page-not-cancelled-title = Permintaan ini tidak boleh dibatalkan lagi
page-not-cancelled-lead = Permintaan ini telah tamat tempoh, atau kata laluan baharu sudah dicipta dengannya. Jika kata laluan anda ditukar oleh orang lain, tekan Kunci Akaun Saya dalam e-mel tentang perubahan itu.
page-lock-title = Kunci akaun anda?
page-lock-lead = Lakukan ini jika bukan anda yang menukar kata laluan. Kata laluan baharu itu tidak akan berfungsi lagi, dan semua peranti akan dilog keluar. Selepas itu anda boleh mencipta kata laluan baharu.
page-lock-confirm = Bukan saya yang menukar kata laluan ini
page-lock-button = Kunci Akaun Saya
page-lock-not-ticked = Tandakan kotak untuk mengesahkan bahawa bukan anda yang menukar kata laluan.
page-locked-title = Akaun anda telah dikunci
page-locked-lead = Kata laluan baharu itu tidak berfungsi lagi, dan semua peranti sedang dilog keluar. Mungkin ada orang yang boleh membaca e-mel atau mesej WhatsApp anda: lindungi kedua-duanya juga.
page-locked-methods = Untuk menggunakan akaun anda semula, cipta kata laluan baharu dengan cara lain:
page-locked-help = Untuk menggunakan akaun anda semula, hubungi khidmat sokongan.
page-not-locked-title = Pautan penguncian ini tidak sah lagi
page-not-locked-lead = Pautan ini telah tamat tempoh. Jika bukan anda yang menukar kata laluan, cipta kata laluan baharu sekarang, atau hubungi khidmat sokongan.
page-not-locked-button = Tetapkan Semula Kata Laluan
page-expired-title = Pautan atau kod ini tidak sah lagi
page-expired-lead = Pautan dan kod hanya boleh digunakan sekali dan untuk masa yang singkat. Mula semula untuk mendapatkan yang baharu.
page-not-found-title = Halaman tidak dijumpai
page-not-found-lead = Semak alamatnya, atau mula semula.
page-bad-request-title = Permintaan anda tidak dapat diproses
page-bad-request-lead = Kembali, muat semula halaman, kemudian cuba lagi.
page-stale-form-title = Halaman ini telah tamat tempoh
page-stale-form-lead = Demi keselamatan anda, tiada apa-apa dihantar. Kembali, muat semula halaman, kemudian cuba lagi.
page-no-cookies-title = Pelayar anda menyekat kuki
page-no-cookies-lead = Halaman ini memerlukan kuki. Benarkannya dalam tetapan pelayar anda, kemudian mula semula.
page-too-many-title = Terlalu banyak permintaan
page-too-many-lead = Terdapat terlalu banyak permintaan daripada rangkaian anda. Tunggu sebentar sebelum mencuba lagi.
page-busy-title = Perkhidmatan ini tidak tersedia sekarang
page-busy-lead = Cuba lagi sebentar lagi.
page-internal-title = Berlaku masalah di pihak kami
page-internal-lead = Cuba lagi sebentar lagi. Jika ini berterusan, hubungi khidmat sokongan.
page-retry-after = Cuba lagi dalam masa { $time }.
page-start-again = Mula Semula

## Mails: what they have in common, then each

mail-greeting = Helo { $person },
mail-how = Cara: { $how }.
mail-footer = E-mel keselamatan automatik daripada { $name }.
mail-button-fails = Jika butang tidak berfungsi, salin pautan ini ke dalam pelayar anda:
mail-cancel-open = Untuk membatalkan permintaan, buka pautan ini:
mail-cancel-label = Batalkan permintaan ini
mail-cancel-button = Batalkan Permintaan
mail-new-button = Cipta Kata Laluan Baharu
mail-new-open = Untuk mencipta kata laluan baharu, buka pautan ini:
mail-new-open-page = Untuk mencipta kata laluan baharu, buka halaman ini:
mail-reset-button = Tetapkan Semula Kata Laluan
mail-not-you = Bukan anda?
mail-do-not-share = Jangan kongsi e-mel ini.

mail-reset-subject = Tetapkan semula kata laluan anda di { $name }
mail-reset-preheader = Pautan sah selama { $lives }. Bukan anda? Abaikan e-mel ini.
mail-reset-heading = Tetapkan semula kata laluan anda
mail-reset-asked = Pada { $time }, kami menerima permintaan untuk menetapkan semula kata laluan akaun anda di { $name }.
mail-reset-now = Jika ini anda, cipta kata laluan baharu sekarang.
mail-list-asked = Pada { $time }, kami menerima permintaan untuk menetapkan semula kata laluan akaun di { $name }. Beberapa akaun menggunakan alamat e-mel ini.
mail-list-now = Jika ini anda, pilih akaun yang memerlukan kata laluan baharu.
mail-list-ignore = Anda tidak perlu berbuat apa-apa. Tiada kata laluan yang berubah.
mail-lives-link = Pautan sah selama { $lives } selepas permintaan.
mail-lives-both = Pautan dan kod sah selama { $lives } selepas permintaan.
mail-lives-each = Pautan sah selama { $lives } selepas permintaan, dan kod selama { $code-lives }.
mail-reset-code = Atau masukkan kod ini pada halaman tempat anda membuat permintaan:
mail-reset-ignore = Anda tidak perlu berbuat apa-apa. Kata laluan anda kekal sama.
mail-reset-share-link = Jangan berikan pautan kepada sesiapa, termasuk orang yang mengaku dari { $name }.
mail-reset-share-both = Jangan berikan pautan atau kod kepada sesiapa, termasuk orang yang mengaku dari { $name }.

mail-confirm-subject = Sahkan alamat e-mel anda untuk { $name }
mail-confirm-preheader = Pautan sah selama { $lives }. Bukan anda? Abaikan e-mel ini.
mail-confirm-heading = Sahkan alamat e-mel anda
mail-confirm-asked = Pada { $time }, ada orang meminta supaya alamat e-mel ini digunakan untuk akaunnya di { $name }. Selepas disahkan, alamat ini akan menerima mesej akaun tersebut dan boleh digunakan untuk menetapkan semula kata laluannya.
mail-confirm-now = Jika ini anda, sahkan alamat ini. Pautan sah selama { $lives } selepas permintaan.
mail-confirm-button = Sahkan Alamat E-mel
mail-confirm-open = Untuk mengesahkan alamat ini, buka pautan ini:
mail-confirm-ignore = Anda tidak perlu berbuat apa-apa. Tiada apa-apa berubah melainkan pautan itu digunakan.

mail-admin-subject = Cipta kata laluan baharu untuk { $name }
mail-admin-preheader = Diminta oleh pentadbir. Pautan sah selama { $lives }.
mail-admin-heading = Cipta kata laluan baharu
mail-admin-asked = Pada { $time }, pentadbir { $name } meminta anda mencipta kata laluan baharu untuk akaun anda. Tiada apa-apa berubah sehingga anda menciptanya.
mail-admin-only-you = Hanya anda yang akan mengetahui kata laluan baharu itu. Pautan sah selama { $lives } selepas permintaan.
mail-admin-unexpected = Tidak menjangkakannya?
mail-admin-check = Tanya pentadbir anda sebelum membuka pautan.
mail-admin-share = Tiada pentadbir akan meminta pautan ini atau kata laluan anda.

mail-step-up-subject = Kod pengesahan anda untuk { $name }
mail-step-up-preheader = Masukkan kod ini untuk melengkapkan penetapan semula kata laluan. Jangan kongsi.
mail-step-up-heading = Kod pengesahan anda
mail-step-up-asked = Satu langkah lagi untuk menetapkan semula kata laluan akaun anda di { $name }, yang diminta pada { $time }. Kod sah selama { $lives }.
mail-step-up-code = Masukkan kod ini pada halaman yang memintanya:
mail-step-up-not-you = Orang lain telah melengkapkan langkah pertama. Batalkan permintaan ini, dan jangan berikan kod ini kepada sesiapa, termasuk orang yang mengaku dari { $name }.

notice-changed-subject = Kata laluan anda di { $name } telah ditukar
notice-changed-preheader = Bukan anda? Cipta kata laluan baharu sekarang.
notice-changed-lock-preheader = Bukan anda? Kunci akaun anda sekarang.
notice-changed-heading = Kata laluan anda telah ditukar
notice-changed-at = Kata laluan akaun anda di { $name } telah ditukar pada { $time }. Jika ini anda, anda tidak perlu berbuat apa-apa.
notice-changed-lock = Jika ini bukan anda, kunci akaun anda sekarang. Kata laluan baharu itu tidak akan berfungsi lagi, dan semua peranti akan dilog keluar. Selepas akaun dikunci, anda boleh mencipta kata laluan baharu dengan cara lain. Anda tidak perlu log masuk. Pautan sah selama { $lives } selepas perubahan.
notice-changed-lock-button = Kunci Akaun Saya
notice-changed-lock-open = Untuk mengunci akaun anda, buka pautan ini:
notice-changed-no-lock = Jika ini bukan anda, mungkin ada orang lain yang menggunakan akaun anda. Cipta kata laluan baharu sekarang, dan tukar juga kata laluan akaun e-mel anda.
notice-by-email = pautan atau kod daripada e-mel anda
notice-by-admin = pautan yang diminta oleh pentadbir
notice-by-whatsapp-code = kod yang dihantar ke WhatsApp anda
notice-by-whatsapp = mesej daripada nombor WhatsApp anda
notice-by-password = kata laluan anda sebelumnya

notice-proved-subject = Penetapan semula kata laluan diluluskan di { $name }
notice-proved-preheader = Diluluskan melalui mesej WhatsApp daripada nombor anda. Bukan anda? Batalkan sekarang.
notice-proved-heading = Penetapan semula kata laluan diluluskan
notice-proved-at = Pada { $time }, mesej WhatsApp daripada nombor anda meluluskan penetapan semula kata laluan akaun anda di { $name }. Jika ini anda, anda tidak perlu berbuat apa-apa.
notice-proved-not-you = Jika ini bukan anda, atau ada orang menyuruh anda menghantar mesej itu, batalkan permintaan dalam masa { $lives }. Selepas dibatalkan, kata laluan anda akan kekal sama.

notice-code-subject = Kod penetapan semula kata laluan diminta di { $name }
notice-code-preheader = Kod dihantar ke WhatsApp anda. Bukan anda? Batalkan permintaan.
notice-code-heading = Kami menghantar kod ke WhatsApp anda
notice-code-at = Pada { $time }, ada permintaan untuk menetapkan semula kata laluan akaun anda di { $name }, dan kami menghantar kod ke nombor WhatsApp anda. Mesej itu tidak menyatakan kegunaan kod. Sesiapa yang mempunyai kod itu boleh mencipta kata laluan baharu. Jangan kongsi kod itu.
notice-code-not-you = Jika ini bukan anda, batalkan permintaan dalam masa { $lives }. Selepas dibatalkan, kata laluan anda akan kekal sama.

notice-admin-subject = Pentadbir memulakan penetapan semula kata laluan anda di { $name }
notice-admin-preheader = Pautan dihantar ke alamat atau nombor anda yang lain. Tidak menjangkakannya? Batalkan.
notice-admin-heading = Pentadbir memulakan penetapan semula kata laluan anda
notice-admin-at = Pada { $time }, pentadbir { $name } meminta anda mencipta kata laluan baharu. Pautannya dihantar ke alamat e-mel atau nombor WhatsApp anda yang lain. Jika anda menjangkakannya, anda tidak perlu berbuat apa-apa di sini.
notice-admin-not-you = Jika anda tidak menjangkakannya, atau tidak lagi mempunyai akses kepada alamat atau nombor itu, batalkan permintaan dalam masa { $lives }. Selepas dibatalkan, kata laluan anda akan kekal sama.

notice-cancelled-subject = Penetapan semula kata laluan dibatalkan di { $name }
notice-cancelled-preheader = Kata laluan anda tidak berubah.
notice-cancelled-heading = Penetapan semula kata laluan dibatalkan
notice-cancelled-at = Penetapan semula kata laluan akaun anda di { $name }, yang diminta pada { $time }, telah dibatalkan melalui pautan daripada salah satu mesej kami. Kata laluan anda tidak berubah.
notice-cancelled-again = Jika anda masih memerlukan kata laluan baharu, mula semula.
notice-cancelled-open = Untuk mula semula, buka halaman ini:

notice-locked-subject = Akaun anda di { $name } telah dikunci
notice-locked-preheader = Cipta kata laluan baharu untuk menggunakannya semula.
notice-locked-heading = Akaun anda telah dikunci
notice-locked-at = Pada { $time }, akaun anda di { $name } dikunci melalui pautan daripada salah satu mesej kami. Kata laluan terakhir tidak berfungsi lagi, dan semua peranti sedang dilog keluar.
notice-locked-by-email = Untuk menggunakan akaun anda semula, cipta kata laluan baharu dengan cara lain, contohnya nombor WhatsApp anda. Sehingga itu, penetapan semula melalui e-mel dinyahaktifkan, kerana mungkin ada orang lain yang boleh membaca e-mel anda.
notice-locked-by-whatsapp = Untuk menggunakan akaun anda semula, cipta kata laluan baharu dengan cara lain, contohnya alamat e-mel anda. Sehingga itu, penetapan semula melalui WhatsApp dinyahaktifkan, kerana mungkin ada orang lain yang mempunyai akses kepada nombor anda.
notice-locked-other = Untuk menggunakan akaun anda semula, cipta kata laluan baharu yang belum pernah anda gunakan.
notice-locked-no-way = Perlukan bantuan?
notice-locked-contact = Hubungi { $name }. Pentadbir boleh memulakan penetapan semula untuk anda.

notice-contact-subject = Alamat e-mel anda telah dibuang daripada { $name }
notice-contact-preheader = Bukan anda? Hubungi { $name } dengan segera.
notice-contact-heading = Alamat e-mel anda telah dibuang
notice-contact-at = Pada { $time }, alamat e-mel ini dibuang daripada akaun anda di { $name }. Jika ini anda, anda tidak perlu berbuat apa-apa.
notice-contact-not-you = Jika ini bukan anda, mungkin ada orang lain yang menggunakan akaun anda. Alamat ini tidak boleh lagi digunakan untuk menetapkan semula kata laluan, jadi hubungi { $name } dengan segera.

## Problems of the API, for programmers

problem-not-found = Tiada apa-apa di alamat ini. Lihat openapi.json.
problem-method-not-allowed = Kaedah ini tidak dibenarkan di sini. Gunakan kaedah dalam pengepala Allow.
problem-media-type = Hantar kandungan sebagai application/json.
problem-too-large = Kandungan terlalu besar. Hantar kurang daripada itu.
problem-too-slow = Kandungan mengambil masa terlalu lama untuk tiba. Hantar semula.
problem-malformed = Kandungan tidak mengikut skema. Lihat openapi.json.
problem-bad-identifier = Ini bukan alamat e-mel, nama pengguna atau nombor telefon yang sah. Semak dan cuba lagi.
problem-channel-off = Cara ini tidak tersedia. Gunakan cara lain.
problem-cross-site = Permintaan datang dari tapak lain, atau token borangnya tiada atau telah tamat tempoh. Muat semula dan cuba lagi.
problem-no-cookies = Hantar kuki yang telah ditetapkan.
problem-refused = Pautan atau kod ini salah, telah digunakan atau telah tamat tempoh. Minta yang baharu.
problem-rejected = Kata laluan tidak memenuhi peraturan. Lihat violations.
problem-challenge-required = Lengkapkan cabaran, kemudian cuba lagi.
problem-too-many = Terlalu banyak permintaan. Cuba lagi selepas retry_after saat.
problem-busy = Perkhidmatan ini tidak tersedia sekarang. Cuba lagi selepas retry_after saat.
problem-internal = Berlaku masalah di pihak kami. Cuba lagi nanti.

## Where a password policy departs from a standard

standard-asks-min-length = meminta sekurang-kurangnya { $n } aksara
standard-asks-max-length = meminta supaya sekurang-kurangnya { $n } aksara dibenarkan
standard-asks-history = meminta supaya kata laluan semasa dan { $n } sebelumnya tidak digunakan semula
standard-asks-max-age = meminta penukaran sekurang-kurangnya setiap { $n } hari jika kata laluan ialah satu-satunya faktor, atau penilaian akses secara berterusan
standard-asks-some-min-length = meminta supaya bilangan aksara ditetapkan
standard-asks-no-classes = meminta supaya jenis aksara tidak diwajibkan
standard-asks-letter-and-digit = meminta huruf dan nombor
standard-asks-some-mix = meminta supaya gabungan jenis aksara ditetapkan
standard-asks-not-common = meminta supaya kata laluan yang lazim ditolak
standard-asks-not-breached = meminta supaya kata laluan daripada kebocoran data ditolak
standard-asks-not-context = meminta supaya kata laluan berdasarkan akaun atau perkhidmatan ditolak
standard-asks-no-max-age = meminta supaya kata laluan kekal sah sehingga ditukar
standard-asks-some-max-age = meminta supaya tempoh sah kata laluan ditetapkan
standard-asks-nfc = meminta supaya kata laluan ditukar kepada bentuk normal Unicode C
standard-asks-as-typed = meminta supaya kata laluan diperiksa tepat seperti yang ditaip
standard-has-max-age = polisi ini mewajibkan penukaran selepas { $n } hari
standard-has-max-length = polisi ini hanya membenarkan { $n }
standard-has-number = polisi ini mewajibkan { $n }
standard-has-classes = polisi ini mewajibkan: { $classes }
standard-has-only-current = polisi ini hanya menolak kata laluan semasa
standard-has-current-and-earlier = polisi ini hanya menolak kata laluan semasa dan { $n } sebelumnya
standard-has-no-history = polisi ini tidak menolak apa-apa
standard-has-only-earlier = polisi ini menolak { $n } sebelum kata laluan semasa, tetapi bukan kata laluan semasa
standard-has-nfc = polisi ini menukarnya kepada bentuk normal C
standard-has-as-typed = polisi ini menggunakannya tepat seperti yang ditaip
standard-has-nothing = polisi ini tiada peraturan itu
standard-class-upper = huruf besar
standard-class-lower = huruf kecil
standard-class-letter = huruf
standard-class-digit = nombor
standard-class-symbol = simbol
