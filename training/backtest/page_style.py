"""How the page looks: plain, and readable on paper."""

STYLE = """
body { font: 15px/1.5 system-ui, "Noto Sans CJK SC", "PingFang SC", sans-serif; color: #1d2330;
  margin: 0; background: #fff; }
main { max-width: 1120px; margin: 0 auto; padding: 24px; }
h1 { margin: 0 0 8px; } h2 { margin: 36px 0 8px; border-bottom: 1px solid #d0d3d9; }
h4 { margin: 10px 0 4px; }
svg { max-width: 100%; height: auto; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; margin: 8px 0; }
th, td { text-align: left; padding: 3px 10px 3px 0; border-bottom: 1px solid #eceef1;
  vertical-align: top; font-variant-numeric: tabular-nums; }
th { color: #5b6270; font-weight: 600; }
details { border-bottom: 1px solid #eceef1; padding: 4px 0; }
summary { cursor: pointer; }
code { font-size: 12px; }
.right { color: #1e7268; font-weight: 600; } .wrong { color: #c04f31; font-weight: 600; }
.open { color: #5b6270; white-space: nowrap; }
.mark { background: #fff1cf; padding: 0 4px; }
"""
