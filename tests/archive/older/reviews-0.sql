BEGIN TRANSACTION;
CREATE TABLE deliveries (
    follow_id integer not null references follows (id),
    what text not null,
    state text not null check (state in ('before', 'pending', 'sent', 'refused')),
    at text not null,
    primary key (follow_id, what)
) without rowid;
INSERT INTO "deliveries" VALUES(1,'000000000000000000000000','sent','2026-11-20T11:30:00Z');
INSERT INTO "deliveries" VALUES(1,'111111111111111111111111','pending','2026-11-20T11:37:00Z');
INSERT INTO "deliveries" VALUES(1,'abd1f89db9950d2e6f1be6d1','before','2026-11-20T09:59:00Z');
INSERT INTO "deliveries" VALUES(1,'f0628ad30d83fa99ebed79d7','before','2026-11-20T10:06:00Z');
INSERT INTO "deliveries" VALUES(2,'http://a.example/1.html','before','2026-11-20T10:27:00Z');
INSERT INTO "deliveries" VALUES(2,'http://a.example/2.html','before','2026-11-20T10:20:00Z');
INSERT INTO "deliveries" VALUES(3,'222222222222222222222222','refused','2026-11-20T11:44:00Z');
INSERT INTO "deliveries" VALUES(3,'256ced2ccbbd460052167f45','before','2026-11-20T10:41:00Z');
INSERT INTO "deliveries" VALUES(3,'962f2450bf0d19bf08b8332e','before','2026-11-20T11:09:00Z');
INSERT INTO "deliveries" VALUES(3,'ca6897ef71aec0bf661f716f','before','2026-11-20T10:48:00Z');
INSERT INTO "deliveries" VALUES(3,'ee99faed994d2c8d6d0d936e','before','2026-11-20T10:55:00Z');
INSERT INTO "deliveries" VALUES(3,'f0628ad30d83fa99ebed79d7','before','2026-11-20T11:02:00Z');
INSERT INTO "deliveries" VALUES(4,'finding:3:hecheng:list_empty','sent','2026-11-20T11:51:00Z');
CREATE TABLE follows (
    id integer primary key,
    by text not null,
    kind text not null,
    search text not null,
    channel text not null check (channel in ('webhook', 'email')),
    target text not null,
    at text not null,
    ended_at text
);
INSERT INTO "follows" VALUES(1,'甲','facts','{"type": "party_members"}','webhook','https://hooks.example/1','2026-11-20T09:52:00Z',NULL);
INSERT INTO "follows" VALUES(2,'甲','articles','{"q": "党群"}','email','amy@mail.example','2026-11-20T10:13:00Z',NULL);
INSERT INTO "follows" VALUES(3,'乙','station','{"station": 1}','webhook','https://hooks.example/2','2026-11-20T10:34:00Z',NULL);
INSERT INTO "follows" VALUES(4,'乙','health','{}','webhook','https://hooks.example/3','2026-11-20T11:16:00Z','2026-11-20T11:23:00Z');
CREATE TABLE reviews (
    id integer primary key,
    evidence text not null,
    said text not null,
    decision text not null check (decision in ('confirm', 'reject', 'correct', 'note')),
    corrected text not null default '{}',
    note text not null default '',
    by text not null,
    at text not null,
    undone_at text
);
INSERT INTO "reviews" VALUES(1,'f0628ad30d83fa99ebed79d7','{"approx": "exact", "date": "", "end": 41, "qualifier": "registered", "quote": "在册党员36名", "start": 34, "subject": "青禾小区", "type": "party_members", "unit": "person", "url": "http://a.example/1.html", "value": 36.0, "value_high": null}','confirm','{}','','甲','2026-11-20T08:00:00Z',NULL);
INSERT INTO "reviews" VALUES(2,'ee99faed994d2c8d6d0d936e','{"approx": "exact", "date": "", "end": 48, "qualifier": "", "quote": "居民860户", "start": 42, "subject": "青禾小区", "type": "households", "unit": "household", "url": "http://a.example/1.html", "value": 860.0, "value_high": null}','confirm','{}','','甲','2026-11-20T08:07:00Z',NULL);
INSERT INTO "reviews" VALUES(3,'ee99faed994d2c8d6d0d936e','{"approx": "exact", "date": "", "end": 48, "qualifier": "", "quote": "居民860户", "start": 42, "subject": "青禾小区", "type": "households", "unit": "household", "url": "http://a.example/1.html", "value": 860.0, "value_high": null}','correct','{"value": 806}','见公告栏','乙','2026-11-20T08:14:00Z',NULL);
INSERT INTO "reviews" VALUES(4,'962f2450bf0d19bf08b8332e','{"approx": "exact", "date": "", "end": 27, "qualifier": "", "quote": "投入资金14万元", "start": 19, "subject": "青禾小区党群服务站", "type": "investment", "unit": "CNY", "url": "http://a.example/1.html", "value": 140000.0, "value_high": null}','reject','{}','','乙','2026-11-20T08:21:00Z',NULL);
INSERT INTO "reviews" VALUES(5,'ca6897ef71aec0bf661f716f','{"approx": "exact", "date": "", "end": 55, "qualifier": "", "quote": "志愿者52名", "start": 49, "subject": "青禾小区", "type": "volunteers", "unit": "person", "url": "http://a.example/1.html", "value": 52.0, "value_high": null}','note','{}','再问一次','甲','2026-11-20T08:28:00Z',NULL);
INSERT INTO "reviews" VALUES(6,'f0628ad30d83fa99ebed79d7','{"approx": "exact", "date": "", "end": 41, "qualifier": "registered", "quote": "在册党员36名", "start": 34, "subject": "青禾小区", "type": "party_members", "unit": "person", "url": "http://a.example/1.html", "value": 36.0, "value_high": null}','reject','{}','看错了','丙','2026-11-20T08:35:00Z','2026-11-20T08:42:00Z');
CREATE TABLE skips (
    evidence text not null,
    by text not null,
    at text not null,
    primary key (evidence, by)
) without rowid;
INSERT INTO "skips" VALUES('ca6897ef71aec0bf661f716f','甲','2026-11-20T08:49:00Z');
INSERT INTO "skips" VALUES('same:1:2','乙','2026-11-20T08:56:00Z');
CREATE TABLE station_decisions (
    id integer primary key,
    kind text not null check (kind in ('same', 'different')),
    one_name text not null,
    other_name text not null,
    reason text not null,
    by text not null,
    at text not null,
    undone_at text
);
INSERT INTO "station_decisions" VALUES(1,'same','青禾小区党群服务站|望潭区 青萝街道|','青萝街道老码头院落党群服务站|望潭区 青萝街道|','一个院子，两个名字','甲','2026-11-20T09:31:00Z',NULL);
INSERT INTO "station_decisions" VALUES(2,'different','青禾小区党群服务站|望潭区 青萝街道|','青萝街道老码头院落党群服务站|望潭区 青萝街道|','隔着一条河','乙','2026-11-20T09:38:00Z','2026-11-20T09:45:00Z');
CREATE TABLE takedowns (
    id integer primary key,
    kind text not null check (kind in ('article', 'name')),
    value text not null,
    reason text not null,
    by text not null,
    at text not null,
    undone_at text
);
INSERT INTO "takedowns" VALUES(1,'article','http://a.example/9.html','来信要求','丁','2026-11-20T09:03:00Z',NULL);
INSERT INTO "takedowns" VALUES(2,'name','柳三变','本人要求','丁','2026-11-20T09:10:00Z','2026-11-20T09:24:00Z');
INSERT INTO "takedowns" VALUES(3,'name','柳三','本人要求','丁','2026-11-20T09:17:00Z',NULL);
CREATE TABLE visits (
    by text primary key,
    at text not null,
    before text not null default ''
) without rowid;
INSERT INTO "visits" VALUES('乙','2026-11-21T10:00:00Z','');
INSERT INTO "visits" VALUES('甲','2026-11-21T09:30:00Z','2026-11-20T08:00:00Z');
CREATE INDEX reviews_evidence on reviews (evidence, id);
COMMIT;
