### جميع الجمل بالعربية، بالمفاتيح والخانات نفسها التي في en.ftl.
### المصطلحات: «إعادة تعيين»، «رابط»، «رمز»، «تسجيل الدخول»، «كلمة المرور»، «الحساب»، «المتصفح»، «الجهاز». الأرقام: 0123456789.
### ما يُكتب من اليسار إلى اليمين وفيه مسافات أو علامات يوضع بين U+2066 وU+2069.

## The language itself

language-name = العربية
language-direction = rtl

## Times and durations

time = { $day } { $month } { $year }، الساعة { $hour }:{ $minute } { $zone }
month-1 = يناير
month-2 = فبراير
month-3 = مارس
month-4 = أبريل
month-5 = مايو
month-6 = يونيو
month-7 = يوليو
month-8 = أغسطس
month-9 = سبتمبر
month-10 = أكتوبر
month-11 = نوفمبر
month-12 = ديسمبر
span-days = { $n ->
    [one] يوم واحد
    [two] يومين
    [few] { $n } أيام
    [many] { $n } يومًا
   *[other] { $n } يوم
}
span-hours = { $n ->
    [one] ساعة واحدة
    [two] ساعتين
    [few] { $n } ساعات
    [many] { $n } ساعة
   *[other] { $n } ساعة
}
span-minutes = { $n ->
    [one] دقيقة واحدة
    [two] دقيقتين
    [few] { $n } دقائق
    [many] { $n } دقيقة
   *[other] { $n } دقيقة
}
span-moment = أقل من دقيقة
# يصل بين اثنتين منها: 3 ساعات و25 دقيقة.
span-join = { $first } و{ $second }
list-join = { $first }، { $second }

## Password rules, in words that follow “The password”

rule-min-length = { $n ->
    [few] يجب ألا تقل عن { $n } أحرف
    [many] يجب ألا تقل عن { $n } حرفًا
   *[other] يجب ألا تقل عن { $n } حرف
}
rule-max-length = { $n ->
    [few] يجب ألا تزيد على { $n } أحرف
    [many] يجب ألا تزيد على { $n } حرفًا
   *[other] يجب ألا تزيد على { $n } حرف
}
rule-max-bytes = { $n ->
    [few] يجب ألا تزيد على { $n } بايتات
    [many] يجب ألا تزيد على { $n } بايتًا
   *[other] يجب ألا تزيد على { $n } بايت
}
rule-upper = يجب أن تحتوي على حرف كبير
rule-lower = يجب أن تحتوي على حرف صغير
rule-letter = يجب أن تحتوي على حرف
rule-digit = يجب أن تحتوي على رقم
rule-symbol = يجب أن تحتوي على رمز خاص
rule-not-current = يجب أن تختلف عن كلمة المرور الحالية
rule-not-earlier = { $n ->
    [one] يجب أن تختلف عن كلمة المرور السابقة
    [two] يجب أن تختلف عن كلمتي المرور السابقتين
    [few] يجب أن تختلف عن آخر { $n } كلمات مرور سابقة
   *[other] يجب أن تختلف عن آخر { $n } كلمة مرور سابقة
}
rule-not-common = يجب ألا تكون من كلمات المرور الشائعة
rule-not-breached = يجب ألا تكون قد ظهرت في تسريب بيانات
rule-not-context = يجب ألا تكون مأخوذة من بيانات حسابك أو من اسم هذه الخدمة
rule-strength = يجب أن يصعب تخمينها
rule-confirmed = يجب إدخالها مرتين
rule-max-age = { $n ->
    [one] يجب تغييرها كل يوم
    [two] يجب تغييرها كل يومين
    [few] يجب تغييرها كل { $n } أيام
    [many] يجب تغييرها كل { $n } يومًا
   *[other] يجب تغييرها كل { $n } يوم
}
violation-too-common = شائعة جدًا
violation-breached = ظهرت في تسريب بيانات
violation-too-weak = يسهل تخمينها
violation-not-confirmed = غير متطابقة في الحقلين

## Why a password is easy to guess

warning-key-rows = يسهل تخمين المفاتيح المتجاورة على لوحة المفاتيح، مثل «qwerty».
warning-keyboard-pattern = يسهل تخمين أنماط لوحة المفاتيح القصيرة.
warning-repeated-character = يسهل تخمين التكرار مثل «aaa».
warning-repeated-sequence = التكرار مثل «abcabcabc» أصعب قليلًا فقط من «abc».
warning-top-10 = هذه من أكثر عشر كلمات مرور استخدامًا.
warning-top-100 = هذه من أكثر مئة كلمة مرور استخدامًا.
warning-common = كلمة المرور هذه شائعة جدًا.
warning-similar-to-common = هذه تشبه كلمة مرور شائعة الاستخدام.
warning-sequence = يسهل تخمين التسلسلات مثل «abc» أو «6543».
warning-year = يسهل تخمين السنوات القريبة.
warning-word = يسهل تخمين الكلمة الواحدة.
warning-date = كثيرًا ما يسهل تخمين التواريخ.
warning-own-name = يسهل تخمين الاسم وحده.
warning-common-name = يسهل تخمين الأسماء الشائعة.

## How to choose a better one

advice-few-words = استخدم بضع كلمات، وتجنب العبارات الشائعة.
advice-no-classes-needed = زيادة الكلمات أنفع من زيادة الرموز أو الأرقام أو الحروف الكبيرة.
advice-add-words = أضف كلمة أو كلمتين. الكلمات غير الشائعة أفضل.
advice-capital-first = الحرف الكبير في البداية لا يفيد كثيرًا.
advice-all-uppercase = الحروف الكبيرة كلها يسهل تخمينها تقريبًا مثل الحروف الصغيرة كلها.
advice-reversed = الكلمات المعكوسة ليست أصعب بكثير في التخمين.
advice-substitutions = استبدال الحروف، مثل «@» بدلًا من «a»، لا يفيد كثيرًا.
advice-longer-pattern = استخدم نمطًا أطول على لوحة المفاتيح وفيه انعطافات أكثر.
advice-no-repeats = تجنب تكرار الكلمات والأحرف.
advice-no-sequences = تجنب التسلسلات.
advice-no-recent-years = تجنب السنوات القريبة.
advice-no-own-years = تجنب السنوات المرتبطة بك.
advice-no-own-dates = تجنب التواريخ والسنوات المرتبطة بك.

## What became of the last message to an account, for administrators

delivery-email-taken = قبِل خادم البريد الرسالة الأخيرة. اطلب من صاحب الحساب التحقق من مجلد الرسائل غير المرغوب فيها.
delivery-whatsapp-taken = قبِل واتساب الرسالة الأخيرة. قد يكون الهاتف مغلقًا.
delivery-arrived = وصلت الرسالة الأخيرة.
delivery-delayed = تأخرت الرسالة الأخيرة. سنرسلها مرة أخرى.
delivery-no-such-address = عنوان البريد الإلكتروني غير موجود. صحّحه.
delivery-no-such-domain = الجزء الذي بعد @ غير موجود أو لا يستقبل البريد. صحّح العنوان.
delivery-closed = عنوان البريد الإلكتروني مغلق. أدخل عنوانًا آخر.
delivery-full = صندوق الوارد ممتلئ. اطلب من صاحب الحساب إخلاء بعض المساحة.
delivery-content = لا يقبل خادم البريد هذا النوع من الرسائل. اطلب من المشغّل مراجعة السجل.
delivery-unreachable = لا يستجيب خادم البريد لهذا العنوان. تحقق من العنوان ثم حاول مرة أخرى.
delivery-ours = يرفض خادم البريد الرسائل من هذه الخدمة. اطلب من المشغّل مراجعة السجل.
delivery-complaint = صنّف المستلم إحدى الرسائل على أنها غير مرغوب فيها. اطلب من صاحب الحساب نقلها من ذلك المجلد.
delivery-suppressed = لم تعد خدمة البريد ترسل إلى هذا العنوان. اطلب من المشغّل رفع الحظر عنه هناك.
delivery-email-refused = رُفضت الرسالة الأخيرة. تحقق من العنوان ثم حاول مرة أخرى.
delivery-no-such-number = الرقم غير موجود على واتساب. صحّحه.
delivery-whatsapp-refused = لم يوصل واتساب الرسالة الأخيرة. تحقق من الرقم ثم حاول مرة أخرى.
delivery-given-up = تعذر إرسال الرسالة الأخيرة في الوقت المناسب. حاول مرة أخرى.
not-sent-disabled = لم تُرسل أي رسالة. الحساب معطّل.
not-sent-no-contact = لم تُرسل أي رسالة. ليس للحساب وسيلة اتصال مؤكدة. أضف واحدة.
not-sent-locked = لم تُرسل أي رسالة. الحساب مقفل من صاحبه.
not-sent-limit-reached = لم تُرسل أي رسالة. سبق إرسال عدة رسائل. استخدم الأخيرة أو انتظر.

## The message that a person sends by WhatsApp; a code stands behind it

message-to-send = أريد إعادة تعيين كلمة المرور الخاصة بي في { $name }. لا ترسل هذه الرسالة إذا طلب منك شخص آخر إرسالها.

## What mails and WhatsApp messages say of the account and the device

message-account = الحساب: { $account }
message-device = الجهاز: { $device }.

## Replies to it

reply-code =
    { $name }: طُلبت إعادة تعيين كلمة المرور لحسابك. إذا كنت أنت من طلبها، فأدخل { $code } في الصفحة التي بدأت منها خلال { $lives }.

    لست أنت، أو طلب منك أحد إرسال تلك الرسالة؟ لا تشارك هذا الرمز مع أي شخص.

    لإلغاء هذا الطلب:
    { $cancel }
reply-link =
    { $name }: طُلبت إعادة تعيين كلمة المرور لحسابك. إذا كنت أنت من طلبها، فافتح هذا الرابط خلال { $lives }:
    { $link }

    لست أنت، أو طلب منك أحد إرسال تلك الرسالة؟ تجاهل هذه الرسالة ولا تشارك الرابط مع أي شخص.

    لإلغاء هذا الطلب:
    { $cancel }

## What gateways without templates send by WhatsApp

chat-code =
    { $name }: طُلبت إعادة تعيين كلمة المرور لحسابك. إذا كنت أنت من طلبها، فأدخل { $code } في الصفحة التي بدأت منها خلال { $lives }.

    لست أنت؟ لا تشارك هذا الرمز مع أي شخص.

    لإلغاء هذا الطلب:
    { $cancel }
chat-step-up =
    { $name }: أدخل { $code } لإكمال إعادة تعيين كلمة المرور التي بدأتها، خلال { $lives }.

    لست أنت؟ لا تشارك هذا الرمز مع أي شخص.

    لإلغاء هذا الطلب:
    { $cancel }
chat-confirm =
    في { $time }، طلب شخص استخدام هذا الرقم لحسابه في { $name }. إذا كنت أنت من طلب ذلك، فأكّده:
    { $link }

    وإلا، فتجاهل هذه الرسالة.
chat-admin-link =
    في { $time }، طلب منك أحد المسؤولين في { $name } إنشاء كلمة مرور جديدة:
    { $link }

    لم تكن تتوقع هذا؟ لإلغائه:
    { $cancel }

    لا تشارك هذه الرسالة.
chat-changed-lock =
    تغيّرت كلمة المرور في { $name } في { $time }.

    لست أنت؟ اقفل حسابك الآن:
    { $link }
chat-changed =
    تغيّرت كلمة المرور في { $name } في { $time }.

    لست أنت؟ أنشئ كلمة مرور جديدة الآن:
    { $link }
chat-proved =
    تمت الموافقة برسالة واتساب من رقمك على إعادة تعيين كلمة المرور في { $name } في { $time }.

    لست أنت، أو طلب منك أحد إرسالها؟ لإلغائها:
    { $link }
chat-code-requested =
    أُرسل رمز إعادة تعيين كلمة المرور في { $name } إلى رقم آخر لك في { $time }.

    لست أنت؟ لإلغاء الطلب:
    { $link }
chat-admin-requested =
    بدأ أحد المسؤولين في { $name } إعادة تعيين كلمة المرور لحسابك في { $time }. أُرسل الرابط إلى وسيلة الاتصال الأخرى الخاصة بك.

    لم تكن تتوقع ذلك؟ لإلغائها:
    { $link }
chat-cancelled =
    أُلغيت إعادة تعيين كلمة المرور في { $name }، التي طُلبت في { $time }. لم تتغير كلمة المرور.

    ما زلت بحاجة إلى كلمة مرور جديدة؟
    { $link }
chat-contact-changed = أُزيل هذا الرقم من حسابك في { $name } في { $time }. لست أنت؟ تواصل مع { $name } فورًا.
chat-locked =
    قُفل حسابك في { $name } في { $time }.

    لاستخدامه مرة أخرى، أنشئ كلمة مرور جديدة:
    { $link }

## Pages

page-error = خطأ:
page-language = اللغة
page-help = هل تحتاج إلى مساعدة؟
page-summary-title = هناك مشكلة
page-sending = لحظة من فضلك…
page-time-left = الوقت المتبقي
page-copy = نسخ
page-copied = تم النسخ
page-sign-in = تسجيل الدخول
page-try-again = حاول مرة أخرى
page-send-again = إعادة الإرسال
page-continue-button = متابعة
page-start-title = نسيت كلمة المرور؟
page-start-email-lead = أدخل عنوان البريد الإلكتروني لحسابك. سنرسل إليك رابطًا لإنشاء كلمة مرور جديدة.
page-start-username-lead = أدخل اسم المستخدم. سنرسل رابطًا إلى عنوان البريد الإلكتروني لحسابك.
page-start-whatsapp-lead = أدخل رقم واتساب الخاص بك. بعد ذلك سترسل إلينا رمزًا من ذلك الرقم.
page-start-whatsapp-code-lead = أدخل رقم واتساب الخاص بك. سنرسل إليك رمزًا.
page-start-methods = طرق إعادة تعيين كلمة المرور
page-start-by-email = البريد الإلكتروني
page-start-by-username = اسم المستخدم
page-start-by-whatsapp = واتساب
page-start-by-whatsapp-code = رمز عبر واتساب
page-start-email-label = عنوان البريد الإلكتروني
page-start-username-label = اسم المستخدم
page-start-phone-label = رقم واتساب
page-start-phone-hint = مثال: { "\u2066" }0812 0000 0001{ "\u2069" } أو { "\u2066" }+62 812 0000 0001{ "\u2069" }
page-start-link-button = إرسال الرابط
page-start-code-button = إرسال الرمز
page-start-message-button = متابعة
page-start-remembered = هل تذكرت كلمة المرور؟
page-start-empty-email = أدخل عنوان بريدك الإلكتروني.
page-start-empty-username = أدخل اسم المستخدم.
page-start-empty-phone = أدخل رقم واتساب الخاص بك.
page-start-bad-email = أدخل عنوان بريد إلكتروني كاملًا، مثل name@example.com.
page-start-bad-username = تحقق من اسم المستخدم. لا يمكن أن يبدأ أو ينتهي بمسافة.
page-start-bad-phone = أدخل رقم واتساب كاملًا، مثل { "\u2066" }0812 0000 0001{ "\u2069" }.
page-challenge-title = تحقق سريع
page-challenge-lead = نتلقى طلبات كثيرة الآن، لذلك نتحقق من متصفحك أولًا.
page-challenge-widget-lead = نتلقى طلبات كثيرة الآن. أكمل هذا التحقق للمتابعة.
page-challenge-checking = جارٍ التحقق من متصفحك… يستغرق ذلك بضع ثوانٍ.
page-challenge-checked = اكتمل التحقق. اضغط { $button } للمتابعة.
page-challenge-failed = لم يكتمل التحقق. حاول مرة أخرى.
page-challenge-stuck = لا يعمل هذا التحقق في متصفحك. استخدم متصفحًا آخر، أو انتظر { $time } ثم حاول مرة أخرى.
page-challenge-no-script = يحتاج هذا التحقق إلى JavaScript. فعّلها، أو انتظر { $time } ثم حاول مرة أخرى.
page-challenge-missing = لا يظهر التحقق هنا؟ استخدم متصفحًا آخر، أو انتظر { $time } ثم حاول مرة أخرى.
page-mail-title = تم استلام الطلب،
page-mail-lead = تحقق من بريدك الإلكتروني لتغيير كلمة المرور
page-mail-to-email = إذا كان هناك حساب مرتبط بالعنوان { $typed }، فسنرسل إليه رابطًا ورمزًا.
page-mail-to-email-list = إذا كان هناك حساب مرتبط بالعنوان { $typed }، فسنرسل إليه رابطًا.
page-mail-to-username = إذا كان هناك حساب باسم { $typed }، فسنرسل رابطًا ورمزًا إلى عنوان بريده الإلكتروني.
page-mail-link = افتح الرابط الموجود في الرسالة، على هذا الجهاز أو أي جهاز آخر.
page-mail-reference = في نهاية موضوع الرسالة: ({ $reference }).
page-mail-time-left = تنتهي صلاحية الرابط خلال
page-mail-code-title = أو أدخل الرمز الموجود في الرسالة
page-mail-code-title-list = إذا كان في الرسالة رمز، فأدخله هنا
page-code-sent-title = تحقق من واتساب
page-code-sent-to = إذا كان { $typed } مسجّلًا، فسنرسل رمزًا إلى هذا الرقم.
page-code-label-8 = الرمز المكوّن من 8 أرقام
page-code-label-6 = الرمز المكوّن من 6 أرقام
page-code-hint = أدخل الرمز بالمسافة أو من دونها.
page-code-unreadable = أدخل جميع أرقام الرمز.
page-code-wrong = هذا الرمز خاطئ أو انتهت صلاحيته. تحقق منه، أو اطلب رمزًا جديدًا.
page-code-attempts-left = { $n ->
    [one] بقيت محاولة واحدة.
    [two] بقيت محاولتان.
    [few] بقيت { $n } محاولات.
   *[other] بقيت { $n } محاولة.
}
page-code-no-attempts-left = محاولات كثيرة جدًا. استخدم الرابط الموجود في الرسالة، أو أعد إرسال الرسالة.
page-code-no-attempts-left-phone = محاولات كثيرة جدًا. ابدأ من جديد للحصول على رمز جديد.
page-missing-title = لم تصلك الرسالة بعد؟
page-missing-spam = تحقق من مجلد الرسائل غير المرغوب فيها. قد يستغرق البريد بضع دقائق.
page-missing-whatsapp = تأكد من أن هذا الرقم مسجّل على واتساب. قد تستغرق الرسالة دقيقة.
page-missing-mail-instead = إذا تعذّر توصيل الرمز عبر واتساب وكان للحساب بريد إلكتروني، فسنرسل رابطًا إليه.
page-missing-typo = تأكد من أن { $typed } صحيح.
page-missing-again = ما زالت لم تصل؟ أعد إرسالها.
page-start-over = جرّب طريقة أخرى
page-message-title = أرسل هذا الرمز عبر واتساب
page-message-title-sentence = أرسل هذه الرسالة عبر واتساب
page-message-lead = من الرقم { $typed }، أرسل إلينا النص أدناه على واتساب. هكذا نعرف أنه أنت.
page-message-number = رقم واتساب الخاص بنا
page-message-code = رمزك
page-message-text = الرسالة المطلوب إرسالها
page-message-open = فتح واتساب
page-message-new-tab = يُفتح في علامة تبويب جديدة
page-message-qr = رمز QR يفتح واتساب ومعه الرسالة المطلوب إرسالها
page-message-scan = أو امسح هذا الرمز بالهاتف الذي تستخدم عليه واتساب.
page-message-scan-title = واتساب على هاتف آخر؟
page-message-warning = أرسل هذا فقط إذا كنت أنت من طلبه. إذا طلب منك أحد إرساله، فأغلق هذه الصفحة: فقد يكون يحاول الاستيلاء على حسابك.
page-message-waiting = في انتظار رسالتك. لن تتلقى ردًا. ستتابع هذه الصفحة تلقائيًا.
page-message-waiting-reply = في انتظار رسالتك…
page-message-sent-button = أرسلتها
page-message-no-script = لن تتلقى ردًا. بعد الإرسال، اضغط الزر أدناه.
page-message-not-yet = لم تصلنا رسالتك بعد. انتظر لحظة ثم حاول مرة أخرى.
page-reply-title = ثم أدخل الرمز الموجود في ردنا
page-reply-received-title = أدخل الرمز الذي أرسلناه إليك
page-reply-received = استلمنا رسالتك ورددنا عليها برمز على واتساب.
page-phone-next = سنرد عليك برابط. افتحه على هاتفك لإنشاء كلمة المرور الجديدة.
page-phone-received-title = تابع على هاتفك
page-phone-received = استلمنا رسالتك ورددنا عليها برابط على واتساب. افتحه لإنشاء كلمة المرور الجديدة. يمكنك إغلاق هذه الصفحة.
page-proved-title = اكتمل التحقق
page-proved-lead = أنشئ الآن كلمة المرور الجديدة.
page-over-title = انتهى الوقت
page-over-lead = انتهت صلاحية هذا الطلب. اضغط الزر للمحاولة مرة أخرى.
page-link-title = أوشكت على الانتهاء
page-link-lead = اضغط «متابعة» لإنشاء كلمة المرور الجديدة.
page-link-paste-lead = انسخ الرابط كاملًا من الرسالة والصقه هنا.
page-link-label = الرابط من الرسالة
page-link-hint = يبدأ الرابط بـ { "\u2066" }https://{ "\u2069" } ويحتوي على علامة #.
page-link-unreadable = هذا الرابط غير مكتمل. انسخ الرابط كاملًا من الرسالة.
page-step-up-title = خطوة واحدة أخرى
page-step-up-code-lead = يستخدم هذا الحساب التحقق بخطوتين. نرسل رمزًا إلى وسيلة الاتصال الأخرى الخاصة بك. إذا بدأت بالبريد الإلكتروني، فتحقق من واتساب. وإذا بدأت بواتساب، فتحقق من بريدك الإلكتروني.
page-step-up-factor-lead = يستخدم هذا الحساب التحقق بخطوتين. أدخل الرمز الذي تستخدمه عند تسجيل الدخول.
page-step-up-factor-label = رمز التحقق
page-step-up-factor-hint = استخدم تطبيق المصادقة، أو رمز استرداد.
page-step-up-factor-empty = أدخل رمز التحقق.
page-step-up-wrong = هذا الرمز خاطئ أو انتهت صلاحيته. تحقق منه ثم حاول مرة أخرى.
page-new-title = إنشاء كلمة مرور جديدة
page-new-for = للحساب { $typed }
page-new-username = الحساب
page-new-label = كلمة المرور الجديدة
page-again-label = تأكيد كلمة المرور الجديدة
page-rules-title = كلمة المرور
page-rule-met = تحقق الشرط:
page-rule-broken = لم يتحقق الشرط:
page-show = إظهار
page-hide = إخفاء
page-show-label = إظهار كلمة المرور
page-hide-label = إخفاء كلمة المرور
page-strength = القوة
page-strength-0 = ضعيفة جدًا
page-strength-1 = ضعيفة
page-strength-2 = متوسطة
page-strength-3 = جيدة
page-strength-4 = قوية
page-again-same = كلمتا المرور متطابقتان
page-again-different = كلمتا المرور غير متطابقتين بعد
page-again-wrong = كلمتا المرور غير متطابقتين. أدخل كلمة المرور نفسها في الحقلين.
page-new-button = إنشاء كلمة المرور
page-new-refused = { $n ->
    [one] لم تتغير كلمة المرور. راجع الشرط المحدد أدناه.
    [two] لم تتغير كلمة المرور. راجع الشرطين المحددين أدناه.
    [few] لم تتغير كلمة المرور. راجع الشروط المحددة أدناه، وعددها { $n }.
   *[other] لم تتغير كلمة المرور. راجع الشروط المحددة أدناه، وعددها { $n }.
}
page-new-busy = نحن مشغولون الآن. لم تتغير كلمة المرور. أدخل كلمة المرور الجديدة مرة أخرى بعد لحظة.
page-new-over = انتهى الوقت. انتهت صلاحية هذا النموذج.
page-done-title = تم تغيير كلمة المرور
page-done-lead = سجّل الدخول بكلمة المرور الجديدة على هذا الجهاز وعلى جميع أجهزتك الأخرى.
page-cancel-title = هل تريد إلغاء هذا الطلب؟
page-cancel-lead = سيتوقف الرابط والرمز عن العمل. وتبقى كلمة المرور كما هي.
page-cancel-confirm = لم أطلب إعادة تعيين كلمة المرور هذه
page-cancel-button = إلغاء الطلب
page-cancel-not-ticked = حدد المربع لتأكيد أنك لم تطلب ذلك.
page-cancelled-title = تم إلغاء الطلب
page-cancelled-lead = لم يعد الرابط والرمز يعملان. ولم تتغير كلمة المرور.
page-cancelled-advice = هل تصلك رسائل كهذه كثيرًا؟ استخدم كلمة مرور لا تستخدمها في أي مكان آخر.
page-not-cancelled-title = لم يعد من الممكن إلغاء هذا الطلب
page-not-cancelled-lead = انتهت صلاحية الطلب، أو سبق إنشاء كلمة مرور جديدة به. إذا تغيرت كلمة المرور من دون علمك، فاضغط «قفل حسابي» في رسالة البريد عن هذا التغيير.
page-lock-title = هل تريد قفل حسابك؟
page-lock-lead = افعل ذلك إذا لم تكن أنت من غيّر كلمة المرور. ستتوقف كلمة المرور الجديدة عن العمل، وسيُسجَّل الخروج من جميع الأجهزة. ويمكنك بعد ذلك إنشاء كلمة مرور جديدة.
page-lock-confirm = لم أغيّر كلمة المرور هذه
page-lock-button = قفل حسابي
page-lock-not-ticked = حدد المربع لتأكيد أنك لم تغيّر كلمة المرور.
page-locked-title = تم قفل حسابك
page-locked-lead = لم تعد كلمة المرور الجديدة تعمل، ويجري تسجيل الخروج من جميع الأجهزة. قد يتمكن شخص ما من قراءة بريدك الإلكتروني أو رسائلك على واتساب، فاحمِهما أيضًا.
page-locked-methods = لاستخدام حسابك مرة أخرى، أنشئ كلمة مرور جديدة بطريقة أخرى:
page-locked-help = لاستخدام حسابك مرة أخرى، تواصل مع الدعم.
page-not-locked-title = لم يعد رابط القفل هذا صالحًا
page-not-locked-lead = انتهت صلاحية الرابط. إذا لم تكن أنت من غيّر كلمة المرور، فأنشئ كلمة مرور جديدة الآن، أو تواصل مع الدعم.
page-not-locked-button = إعادة تعيين كلمة المرور
page-expired-title = لم يعد هذا الرابط أو الرمز صالحًا
page-expired-lead = تعمل الروابط والرموز مرة واحدة فقط ولوقت قصير. ابدأ من جديد للحصول على رابط أو رمز جديد.
page-not-found-title = الصفحة غير موجودة
page-not-found-lead = تحقق من العنوان، أو ابدأ من جديد.
page-bad-request-title = تعذرت معالجة طلبك
page-bad-request-lead = ارجع وأعد تحميل الصفحة ثم حاول مرة أخرى.
page-stale-form-title = انتهت صلاحية هذه الصفحة
page-stale-form-lead = حفاظًا على أمانك، لم يُرسل أي شيء. ارجع وأعد تحميل الصفحة ثم حاول مرة أخرى.
page-no-cookies-title = يحظر متصفحك ملفات تعريف الارتباط
page-no-cookies-lead = تحتاج هذه الصفحة إلى ملفات تعريف الارتباط. اسمح بها في إعدادات المتصفح، ثم ابدأ من جديد.
page-too-many-title = طلبات كثيرة جدًا
page-too-many-lead = وردت طلبات كثيرة جدًا من شبكتك. انتظر قليلًا قبل المحاولة مرة أخرى.
page-busy-title = هذا غير متاح الآن
page-busy-lead = حاول مرة أخرى بعد لحظة.
page-internal-title = حدث خطأ من جانبنا
page-internal-lead = حاول مرة أخرى بعد لحظة. إذا استمر ذلك، فتواصل مع الدعم.
page-retry-after = حاول مرة أخرى بعد { $time }.
page-start-again = ابدأ من جديد

## Mails: what they have in common, then each

mail-greeting = مرحبًا { $person }،
mail-how = الطريقة: { $how }.
mail-footer = رسالة أمان تلقائية من { $name }.
mail-button-fails = إذا لم يعمل الزر، فانسخ هذا الرابط إلى متصفحك:
mail-cancel-open = لإلغاء الطلب، افتح هذا الرابط:
mail-cancel-label = إلغاء هذا الطلب
mail-cancel-button = إلغاء الطلب
mail-new-button = إنشاء كلمة مرور جديدة
mail-new-open = لإنشاء كلمة مرور جديدة، افتح هذا الرابط:
mail-new-open-page = لإنشاء كلمة مرور جديدة، افتح هذه الصفحة:
mail-reset-button = إعادة تعيين كلمة المرور
mail-not-you = لست أنت؟
mail-do-not-share = لا تشارك هذه الرسالة.

mail-reset-subject = إعادة تعيين كلمة المرور في { $name }
mail-reset-preheader = يعمل الرابط لمدة { $lives }. لست أنت؟ يمكنك تجاهل هذه الرسالة.
mail-reset-heading = إعادة تعيين كلمة المرور
mail-reset-asked = في { $time }، تلقينا طلبًا لإعادة تعيين كلمة المرور لحسابك في { $name }.
mail-reset-now = إذا كنت أنت من طلب ذلك، فأنشئ كلمة مرور جديدة الآن.
mail-list-asked = في { $time }، تلقينا طلبًا لإعادة تعيين كلمة المرور لحساب في { $name }. عدة حسابات تستخدم عنوان البريد الإلكتروني هذا.
mail-list-now = إذا كنت أنت من طلب ذلك، فاختر الحساب الذي يحتاج إلى كلمة مرور جديدة.
mail-list-ignore = لا يلزمك فعل أي شيء. لن تتغيّر أي كلمة مرور.
mail-lives-link = يعمل الرابط لمدة { $lives } بعد الطلب.
mail-lives-both = يعمل الرابط والرمز لمدة { $lives } بعد الطلب.
mail-lives-each = يعمل الرابط لمدة { $lives } بعد الطلب، والرمز لمدة { $code-lives }.
mail-reset-code = أو أدخل هذا الرمز في الصفحة التي قدّمت منها الطلب:
mail-reset-ignore = لا يلزمك فعل أي شيء. تبقى كلمة المرور كما هي.
mail-reset-share-link = لا تعطِ الرابط لأي شخص، حتى لو قال إنه من { $name }.
mail-reset-share-both = لا تعطِ الرابط أو الرمز لأي شخص، حتى لو قال إنه من { $name }.

mail-confirm-subject = تأكيد عنوان بريدك الإلكتروني في { $name }
mail-confirm-preheader = يعمل الرابط لمدة { $lives }. لست أنت؟ يمكنك تجاهل هذه الرسالة.
mail-confirm-heading = تأكيد عنوان بريدك الإلكتروني
mail-confirm-asked = في { $time }، طلب شخص استخدام عنوان البريد الإلكتروني هذا لحسابه في { $name }. بعد تأكيده، سيستقبل رسائل ذلك الحساب ويمكن به إعادة تعيين كلمة المرور الخاصة به.
mail-confirm-now = إذا كنت أنت من طلب ذلك، فأكّد العنوان. يعمل الرابط لمدة { $lives } بعد الطلب.
mail-confirm-button = تأكيد عنوان البريد الإلكتروني
mail-confirm-open = لتأكيد هذا العنوان، افتح هذا الرابط:
mail-confirm-ignore = لا يلزمك فعل أي شيء. لن يتغير شيء ما لم يُستخدم الرابط.

mail-admin-subject = إنشاء كلمة مرور جديدة في { $name }
mail-admin-preheader = طلب ذلك أحد المسؤولين. يعمل الرابط لمدة { $lives }.
mail-admin-heading = إنشاء كلمة مرور جديدة
mail-admin-asked = في { $time }، طلب منك أحد المسؤولين في { $name } إنشاء كلمة مرور جديدة لحسابك. لن يتغير شيء حتى تفعل ذلك.
mail-admin-only-you = أنت وحدك من سيعرف كلمة المرور الجديدة. يعمل الرابط لمدة { $lives } بعد الطلب.
mail-admin-unexpected = لم تكن تتوقع هذا؟
mail-admin-check = اسأل المسؤول قبل أن تفتح الرابط.
mail-admin-share = لن يطلب منك أي مسؤول هذا الرابط أو كلمة المرور أبدًا.

mail-step-up-subject = رمز التحقق الخاص بك في { $name }
mail-step-up-preheader = أدخله لإكمال إعادة تعيين كلمة المرور. لا تشاركه.
mail-step-up-heading = رمز التحقق الخاص بك
mail-step-up-asked = خطوة واحدة أخرى لإعادة تعيين كلمة المرور لحسابك في { $name }، التي طُلبت في { $time }. يعمل الرمز لمدة { $lives }.
mail-step-up-code = أدخل هذا الرمز في الصفحة التي تطلبه:
mail-step-up-not-you = أكمل شخص آخر الخطوة الأولى. ألغِ الطلب، ولا تعطِ هذا الرمز لأي شخص، حتى لو قال إنه من { $name }.

notice-changed-subject = تم تغيير كلمة المرور في { $name }
notice-changed-preheader = لست أنت؟ أنشئ كلمة مرور جديدة الآن.
notice-changed-lock-preheader = لست أنت؟ اقفل حسابك الآن.
notice-changed-heading = تم تغيير كلمة المرور
notice-changed-at = تغيّرت كلمة المرور لحسابك في { $name } في { $time }. إذا كنت أنت من فعل ذلك، فلا يلزمك فعل أي شيء.
notice-changed-lock = إذا لم تكن أنت من فعل ذلك، فاقفل حسابك الآن. ستتوقف كلمة المرور الجديدة عن العمل، وسيُسجَّل الخروج من جميع الأجهزة. وبعد قفل الحساب يمكنك إنشاء كلمة مرور جديدة بطريقة أخرى. لا يلزمك تسجيل الدخول. يعمل الرابط لمدة { $lives } بعد التغيير.
notice-changed-lock-button = قفل حسابي
notice-changed-lock-open = لقفل حسابك، افتح هذا الرابط:
notice-changed-no-lock = إذا لم تكن أنت من فعل ذلك، فقد يكون شخص آخر يستخدم حسابك. أنشئ كلمة مرور جديدة الآن، وغيّر أيضًا كلمة مرور بريدك الإلكتروني.
notice-by-email = رابط أو رمز من بريدك الإلكتروني
notice-by-admin = رابط طلبه أحد المسؤولين
notice-by-whatsapp-code = رمز أُرسل إليك عبر واتساب
notice-by-whatsapp = رسالة من رقم واتساب الخاص بك
notice-by-password = كلمة المرور السابقة

notice-proved-subject = تمت الموافقة على إعادة تعيين كلمة المرور في { $name }
notice-proved-preheader = تمت الموافقة برسالة واتساب من رقمك. لست أنت؟ ألغِها الآن.
notice-proved-heading = تمت الموافقة على إعادة تعيين كلمة المرور
notice-proved-at = في { $time }، تمت الموافقة برسالة واتساب من رقمك على إعادة تعيين كلمة المرور لحسابك في { $name }. إذا كنت أنت من فعل ذلك، فلا يلزمك فعل أي شيء.
notice-proved-not-you = إذا لم تكن أنت، أو طلب منك أحد إرسال تلك الرسالة، فألغِ الطلب خلال { $lives }. وعندئذ تبقى كلمة المرور كما هي.

notice-code-subject = طُلب رمز إعادة تعيين كلمة المرور في { $name }
notice-code-preheader = أرسلنا إليك الرمز عبر واتساب. لست أنت؟ ألغِ الطلب.
notice-code-heading = أرسلنا إليك رمزًا عبر واتساب
notice-code-at = في { $time }، طُلبت إعادة تعيين كلمة المرور لحسابك في { $name }، وأرسلنا رمزًا إلى رقم واتساب الخاص بك. لا تذكر تلك الرسالة الغرض من الرمز: من يملكه يستطيع إنشاء كلمة مرور جديدة. لا تشاركه.
notice-code-not-you = إذا لم تكن أنت، فألغِ الطلب خلال { $lives }. وعندئذ تبقى كلمة المرور كما هي.

notice-admin-subject = بدأ أحد المسؤولين إعادة تعيين كلمة المرور في { $name }
notice-admin-preheader = أُرسل الرابط إلى وسيلة اتصال أخرى لك. لم تكن تتوقعه؟ ألغِه.
notice-admin-heading = بدأ أحد المسؤولين إعادة تعيين كلمة المرور
notice-admin-at = في { $time }، طلب منك أحد المسؤولين في { $name } إنشاء كلمة مرور جديدة. أُرسل الرابط إلى عنوان بريد إلكتروني أو رقم واتساب آخر لك. إذا كنت تتوقعه، فلا يلزمك فعل أي شيء هنا.
notice-admin-not-you = إذا لم تكن تتوقعه، أو لم تعد تستطيع الوصول إلى وسيلة الاتصال تلك، فألغِ الطلب خلال { $lives }. وعندئذ تبقى كلمة المرور كما هي.

notice-cancelled-subject = أُلغيت إعادة تعيين كلمة المرور في { $name }
notice-cancelled-preheader = لم تتغير كلمة المرور.
notice-cancelled-heading = أُلغيت إعادة تعيين كلمة المرور
notice-cancelled-at = أُلغيت إعادة تعيين كلمة المرور لحسابك في { $name }، التي طُلبت في { $time }، برابط من إحدى رسائلنا. لم تتغير كلمة المرور.
notice-cancelled-again = إذا كنت ما زلت بحاجة إلى كلمة مرور جديدة، فابدأ من جديد.
notice-cancelled-open = للبدء من جديد، افتح هذه الصفحة:

notice-locked-subject = تم قفل حسابك في { $name }
notice-locked-preheader = أنشئ كلمة مرور جديدة لاستخدامه مرة أخرى.
notice-locked-heading = تم قفل حسابك
notice-locked-at = في { $time }، قُفل حسابك في { $name } برابط من إحدى رسائلنا. لم تعد كلمة المرور الأخيرة تعمل، ويجري تسجيل الخروج من جميع الأجهزة.
notice-locked-by-email = لاستخدام حسابك مرة أخرى، أنشئ كلمة مرور جديدة بطريقة أخرى، مثل رقم واتساب الخاص بك. إعادة التعيين بالبريد الإلكتروني متوقفة حتى ذلك الحين، لأن شخصًا آخر قد يتمكن من قراءة بريدك.
notice-locked-by-whatsapp = لاستخدام حسابك مرة أخرى، أنشئ كلمة مرور جديدة بطريقة أخرى، مثل عنوان بريدك الإلكتروني. إعادة التعيين عبر واتساب متوقفة حتى ذلك الحين، لأن شخصًا آخر قد يتمكن من استخدام رقمك.
notice-locked-other = لاستخدام حسابك مرة أخرى، أنشئ كلمة مرور جديدة لم تستخدمها من قبل.
notice-locked-no-way = هل تحتاج إلى مساعدة؟
notice-locked-contact = تواصل مع { $name }. يمكن لأحد المسؤولين بدء إعادة التعيين لك.

notice-contact-subject = أُزيل عنوان بريدك الإلكتروني من { $name }
notice-contact-preheader = لست أنت؟ تواصل مع { $name } فورًا.
notice-contact-heading = أُزيل عنوان بريدك الإلكتروني
notice-contact-at = في { $time }، أُزيل عنوان البريد الإلكتروني هذا من حسابك في { $name }. إذا كنت أنت من فعل ذلك، فلا يلزمك فعل أي شيء.
notice-contact-not-you = إذا لم تكن أنت من فعل ذلك، فقد يكون شخص آخر يستخدم حسابك. لم يعد بإمكانك إعادة تعيين كلمة المرور بهذا العنوان، لذا تواصل مع { $name } فورًا.

## Problems of the API, for programmers

problem-not-found = لا يوجد شيء في هذا العنوان. راجع openapi.json.
problem-method-not-allowed = هذه الطريقة غير مسموح بها هنا. استخدم إحدى الطرق المذكورة في الترويسة Allow.
problem-media-type = أرسل المحتوى بالنوع application/json.
problem-too-large = المحتوى كبير جدًا. أرسل محتوى أصغر.
problem-too-slow = استغرق وصول المحتوى وقتًا طويلًا. أرسله مرة أخرى.
problem-malformed = المحتوى لا يطابق المخطط. راجع openapi.json.
problem-bad-identifier = هذا ليس عنوان بريد إلكتروني أو اسم مستخدم أو رقم هاتف صالحًا. تحقق منه ثم حاول مرة أخرى.
problem-channel-off = هذه الطريقة غير متاحة. استخدم طريقة أخرى.
problem-cross-site = جاء الطلب من موقع آخر، أو أن رمز النموذج مفقود أو انتهت صلاحيته. أعد التحميل ثم حاول مرة أخرى.
problem-no-cookies = أرسل ملفات تعريف الارتباط التي تم تعيينها.
problem-refused = هذا الرابط أو الرمز خاطئ أو مستخدم أو انتهت صلاحيته. اطلب واحدًا جديدًا.
problem-rejected = كلمة المرور لا تستوفي الشروط. راجع violations.
problem-challenge-required = أكمل التحقق ثم حاول مرة أخرى.
problem-too-many = طلبات كثيرة جدًا. حاول مرة أخرى بعد مرور retry_after ثانية.
problem-busy = هذا غير متاح الآن. حاول مرة أخرى بعد مرور retry_after ثانية.
problem-internal = حدث خطأ من جانبنا. حاول مرة أخرى لاحقًا.

## Where a password policy departs from a standard

standard-asks-min-length = يطلب ما لا يقل عن { $n } من الأحرف
standard-asks-max-length = يطلب السماح بما لا يقل عن { $n } من الأحرف
standard-asks-history = يطلب عدم إعادة استخدام كلمة المرور الحالية ولا السابقة لها وعددها { $n }
standard-asks-max-age = يطلب التغيير مرة على الأقل كل مدة، بالأيام: { $n }، إذا كانت كلمة المرور العامل الوحيد، أو إعادة تقييم الوصول باستمرار
standard-asks-some-min-length = يطلب تحديد عدد الأحرف
standard-asks-no-classes = يطلب عدم فرض أنواع من الأحرف
standard-asks-letter-and-digit = يطلب حروفًا وأرقامًا
standard-asks-some-mix = يطلب تحديد مزيج أنواع الأحرف
standard-asks-not-common = يطلب رفض كلمات المرور الشائعة
standard-asks-not-breached = يطلب رفض كلمات المرور التي ظهرت في تسريبات البيانات
standard-asks-not-context = يطلب رفض كلمات المرور المأخوذة من الحساب أو الخدمة
standard-asks-no-max-age = يطلب بقاء كلمة المرور صالحة حتى تُغيَّر
standard-asks-some-max-age = يطلب تحديد مدة صلاحية كلمة المرور
standard-asks-nfc = يطلب تحويل كلمات المرور إلى صيغة التطبيع C في يونيكود
standard-asks-as-typed = يطلب التحقق من كلمات المرور كما كُتبت تمامًا
standard-has-max-age = تفرض السياسة التغيير بعد مدة، بالأيام: { $n }
standard-has-max-length = تسمح السياسة بعدد { $n } فقط
standard-has-number = تفرض السياسة { $n }
standard-has-classes = تفرض السياسة: { $classes }
standard-has-only-current = ترفض السياسة كلمة المرور الحالية فقط
standard-has-current-and-earlier = ترفض السياسة كلمة المرور الحالية فقط والسابقة لها وعددها { $n }
standard-has-no-history = لا ترفض السياسة أيًا منها
standard-has-only-earlier = ترفض السياسة كلمات المرور السابقة للحالية وعددها { $n }، ولا ترفض الحالية
standard-has-nfc = تحوّلها السياسة إلى صيغة التطبيع C
standard-has-as-typed = تأخذها السياسة كما كُتبت تمامًا
standard-has-nothing = لا تتضمن السياسة مثل هذا الشرط
standard-class-upper = حرف كبير
standard-class-lower = حرف صغير
standard-class-letter = حرف
standard-class-digit = رقم
standard-class-symbol = رمز خاص
