;; Runs a byte program over many rows: see byte-rows.ts, which lays out the memory. `node build/wasm.js` makes
;; byte-rows-wasm.ts of this file.
(module
  (memory (export "memory") 32)

  ;; Rows are indexes into `starts` and `ends`, which say where in the memory each begins and ends, less `shift`. For the
  ;; i-th row, matched[i] becomes 1 or 0, and the spans of its groups, less `shift` too, go to `spans` + `width` * row.
  ;;
  ;; A step takes 80 bytes:
  ;;    0  by low nibble, a bit for each high nibble with which it is an ASCII byte of the class
  ;;   16  by high nibble, its bit; 0 beyond ASCII
  ;;   32  all ones if the class holds the bytes beyond ASCII, else zeros
  ;;   48  whether there is a class; the least and most bytes of its run; how many of the run are given back
  ;;   64  where to write the start and the end of the run, in bytes from the spans of the row; the byte that follows. -1: none
  (func (export "run")
    (param $steps i32) (param $stepsEnd i32) (param $toEnd i32)
    (param $row i32) (param $rowsEnd i32) (param $starts i32) (param $ends i32) (param $shift i32)
    (param $spans i32) (param $width i32) (param $matched i32)
    (local $at i32) (local $to i32) (local $step i32) (local $start i32) (local $out i32) (local $n i32)
    (local $low v128) (local $high v128) (local $beyond v128) (local $nibble v128) (local $bytes v128)
    (local.set $nibble (i8x16.splat (i32.const 15)))
    (block $done
    (loop $nextRow
      (br_if $done (i32.ge_u (local.get $row) (local.get $rowsEnd)))
      (local.set $n (i32.load (local.get $row)))
      (local.set $at (i32.add (local.get $shift)
        (i32.load (i32.add (local.get $starts) (i32.shl (local.get $n) (i32.const 2))))))
      (local.set $to (i32.add (local.get $shift)
        (i32.load (i32.add (local.get $ends) (i32.shl (local.get $n) (i32.const 2))))))
      (local.set $out (i32.add (local.get $spans) (i32.mul (local.get $n) (local.get $width))))
      (local.set $row (i32.add (local.get $row) (i32.const 4)))
      (local.set $step (local.get $steps))
      (block $fails
        (loop $nextStep
          (local.set $start (local.get $at))
          (if (i32.load offset=48 (local.get $step)) (then
            (local.set $low (v128.load (local.get $step)))
            (local.set $high (v128.load offset=16 (local.get $step)))
            (local.set $beyond (v128.load offset=32 (local.get $step)))
            ;; Sixteen bytes at once; those after the end of the row are read too, but don't count.
            (block $ran
              (loop $more
                (local.set $bytes (v128.load (local.get $at)))
                (local.set $n (i32.xor (i32.const 0xffff) (i8x16.bitmask (v128.or
                  (i8x16.ne (v128.const i64x2 0 0) (v128.and
                    (i8x16.swizzle (local.get $low) (v128.and (local.get $bytes) (local.get $nibble)))
                    (i8x16.swizzle (local.get $high) (i8x16.shr_u (local.get $bytes) (i32.const 4)))))
                  (v128.and (local.get $bytes) (local.get $beyond))))))
                (if (local.get $n) (then
                  (local.set $at (i32.add (local.get $at) (i32.ctz (local.get $n))))
                  (br $ran)))
                (local.set $at (i32.add (local.get $at) (i32.const 16)))
                (br_if $more (i32.lt_u (local.get $at) (local.get $to)))))
            (local.set $at (i32.sub
              (select (local.get $to) (local.get $at) (i32.gt_u (local.get $at) (local.get $to)))
              (i32.load offset=60 (local.get $step))))
            (local.set $n (i32.sub (local.get $at) (local.get $start)))
            (br_if $fails (i32.lt_s (local.get $n) (i32.load offset=52 (local.get $step))))
            (br_if $fails (i32.gt_s (local.get $n) (i32.load offset=56 (local.get $step))))))
          (local.set $n (i32.load offset=64 (local.get $step)))
          (if (i32.ge_s (local.get $n) (i32.const 0)) (then
            (i32.store (i32.add (local.get $out) (local.get $n)) (i32.sub (local.get $start) (local.get $shift)))))
          (local.set $n (i32.load offset=68 (local.get $step)))
          (if (i32.ge_s (local.get $n) (i32.const 0)) (then
            (i32.store (i32.add (local.get $out) (local.get $n)) (i32.sub (local.get $at) (local.get $shift)))))
          (local.set $n (i32.load offset=72 (local.get $step)))
          (if (i32.ge_s (local.get $n) (i32.const 0)) (then
            (br_if $fails (i32.ge_u (local.get $at) (local.get $to)))
            (br_if $fails (i32.ne (i32.load8_u (local.get $at)) (local.get $n)))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))))
          (local.set $step (i32.add (local.get $step) (i32.const 80)))
          (br_if $nextStep (i32.lt_u (local.get $step) (local.get $stepsEnd))))
        (br_if $fails (i32.and (local.get $toEnd) (i32.ne (local.get $at) (local.get $to))))
        (i32.store8 (local.get $matched) (i32.const 1))
        (local.set $matched (i32.add (local.get $matched) (i32.const 1)))
        (br $nextRow))
      (i32.store8 (local.get $matched) (i32.const 0))
      (local.set $matched (i32.add (local.get $matched) (i32.const 1)))
      (br $nextRow)))))
