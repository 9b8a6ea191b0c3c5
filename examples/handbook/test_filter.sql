NOT EXISTS (
    SELECT 1
    FROM outcomes AS f
    JOIN o AS d USING (order_id)
    WHERE f.outcome_class = 'fraud'
      AND d."buyer.id" = o."buyer.id"
      AND d.as_of >= TIMESTAMPTZ '2018-07-25 00:00:00+00'
      AND epoch_us(d.as_of) // 86400000000 <= epoch_us(o.as_of) // 86400000000 - 8
)
