/** Functions that both flavors have of their own, and that depend on nothing but their parameters and the time. */
export const FUNCTIONS: ReadonlySet<string> = words(`
  abs acos adddate addtime ascii asin atan atan2 bin bit_count bit_length cast ceil ceiling char char_length
  character_length coalesce concat concat_ws conv convert cos cot crc32 curdate current_date current_time
  current_timestamp curtime date date_add date_format date_sub datediff day dayname dayofmonth dayofweek dayofyear
  degrees elt exp extract field find_in_set floor format from_days from_unixtime greatest hex hour if ifnull insert
  instr isnull json_array json_contains json_extract json_length json_object json_quote json_type json_unquote
  json_valid last_day lcase least left length ln localtime localtimestamp locate log log10 log2 lower lpad ltrim
  makedate maketime microsecond mid minute mod month monthname now nullif oct octet_length ord period_add
  period_diff pi position pow power quarter radians rand regexp_instr regexp_replace regexp_substr repeat replace
  reverse right round rpad rtrim sec_to_time second sha1 sha2 sign sin soundex space sqrt str_to_date strcmp
  subdate substr substring substring_index subtime sysdate tan time time_format time_to_sec timediff timestamp
  timestampadd timestampdiff to_days to_seconds trim truncate ucase unhex unix_timestamp upper utc_date utc_time
  utc_timestamp uuid week weekday weekofyear year yearweek
`);

/** Aggregates whose parts can be joined. */
export const MERGED: ReadonlySet<string> = words("count sum min max avg");

/** Aggregates whose parts cannot; and what reads more rows than its own. */
export const UNMERGED: ReadonlySet<string> = words(`
  group_concat std stddev stddev_pop stddev_samp variance var_pop var_samp bit_and bit_or bit_xor json_arrayagg
  json_objectagg row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
`);

/** Words in front of "(" that are no functions: parts of the grammar, and types. */
export const BEFORE_PARENTHESIS: ReadonlySet<string> = words(`
  all and any as between by case distinct div else exists from having in interval is like limit mod not on or
  regexp rlike row select set some then using values value when where xor over against key index join
  char character decimal dec numeric binary varbinary varchar nchar datetime time timestamp float double signed
  unsigned collate escape match
`);

/** Words that are parts of expressions, and no names where they stand without quotes. */
export const EXPRESSION_WORDS: ReadonlySet<string> = words(`
  and or xor not is null true false div mod case when then else end as between in like distinct signed unsigned
  integer decimal char binary interval all
`);

/** Words that can be the end of an expression. */
export const ENDING_WORDS: ReadonlySet<string> = words("null true false end unknown");

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
