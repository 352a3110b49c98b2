"""What the diagnostics about files and rows of inputs mean, at more length than their messages."""

from mjpipe.manifest import explanation

INPUT_CODES = {
    "MJ050": explanation(
        "an input file that cannot be read",
        "The file does not exist, is empty, is a pipe or a device, or you have no permission to read it. Its path is\n"
        "relative to the folder of the manifest.",
    ),
    "MJ051": explanation(
        "an input file in another encoding",
        "Input files are UTF-8, or UTF-16 with a byte order mark, unless the input says otherwise. Spreadsheets\n"
        "offer `CSV UTF-8` when they save. For a file that has to stay as it is, set `encoding`: the help says\n"
        "how the text would read in the likely ones.",
    ),
    "MJ052": explanation(
        "a row that is not CSV",
        "Put a cell that contains the delimiter, a line break or quotes in double quotes, and double the quotes\n"
        "inside it. An unclosed quote takes in the rest of the file.",
        wrong='sku,name\nT-01,"the "big" one"',
        right='sku,name\nT-01,"the ""big"" one"',
    ),
    "MJ053": explanation(
        "a row with too many or too few cells",
        "Every row needs a cell for each column of the header that a template uses, and no more. Otherwise cells\n"
        "could slip into the wrong column.",
        wrong="sku,name\nT-01,teapot, blue",
        right='sku,name\nT-01,"teapot, blue"',
    ),
    "MJ054": explanation(
        "two columns with the same name",
        "Every column needs a name of its own. In templates `unit price` is the variable `unit_price`, so these two\n"
        "count as the same name.",
        wrong="sku,name,name\nT-01,teapot,blue",
        right="sku,name,colour\nT-01,teapot,blue",
    ),
    "MJ055": explanation(
        "a line that is not a JSON object",
        "In a JSON Lines file every line is one object, in which each name appears once.",
        wrong='{"sku": "T-01", "name": "teapot"},',
        right='{"sku": "T-01", "name": "teapot"}',
    ),
    "MJ056": explanation(
        "an unknown key column",
        "`key` lists columns of the input. Their cells become part of the names of jobs.",
        wrong="inputs: {cups: {csv: products.csv, key: skew}}\n"
        'nodes: {hero: {kind: generate, for_each: cups, params: {prompt: "{{ name }}"}}}',
        right="inputs: {cups: {csv: products.csv, key: sku}}\n"
        'nodes: {hero: {kind: generate, for_each: cups, params: {prompt: "{{ name }}"}}}',
    ),
    "MJ057": explanation(
        "two rows with the same key",
        "Keys name jobs, picks and files, so every row needs its own. Characters that file names cannot have become\n"
        "`-`, so two keys may become equal: `a/b` and `a b`.",
        wrong="sku,name\nT-01,teapot\nT-01,mug",
        right="sku,name\nT-01,teapot\nT-02,mug",
    ),
    "MJ060": explanation(
        "a column whose name is taken (a warning)",
        "In templates `key`, `image`, `number` and a few others have a meaning of their own. Write `row['key']`\n"
        "to use a column with such a name.",
        wrong="key,name\nT-01,teapot",
        right="sku,name\nT-01,teapot",
    ),
    "MJ061": explanation(
        "an input without rows (a warning)",
        "The file has only a header, or `where` drops every row. Nodes that use the input make nothing.",
        wrong="sku,name",
        right="sku,name\nT-01,teapot",
    ),
    "MJ062": explanation(
        "an input beyond its bounds",
        "A cell has at most a million characters (1,048,576), a row 16 times as many, and an input 10,000\n"
        "columns. The number of rows is unlimited. If a cell or row is too long, look for an unclosed quote at\n"
        "its beginning. A NUL character means that the file is damaged or in another encoding.",
    ),
    "MJ063": explanation(
        "a git conflict in a file of rows",
        "Git could not merge two versions of the file, and left both in it. Reading stops there, because the rows\n"
        "of both sides would be bought. Keep the lines that are right, and delete the marks.",
        wrong="sku,name\n<<<<<<< HEAD\nT-01,red teapot\n=======\nT-01,blue teapot\n>>>>>>> autumn",
        right="sku,name\nT-01,red teapot",
    ),
    "MJ064": explanation(
        "two files that were joined",
        "The header, or the mark that begins a file, stands in the middle of it. Delete the second\n"
        "header; if the columns differ, keep the files apart, as two inputs.",
        wrong="sku,name\nT-01,teapot\nsku,name\nT-02,mug",
        right="sku,name\nT-01,teapot\nT-02,mug",
    ),
    "MJ100": explanation(
        "a file that holds no rows of text",
        "A workbook, a document, an archive or a web page was given where CSV or JSON Lines are read. Open it in the\n"
        "program that it is for, and save the table as CSV UTF-8.",
    ),
    "MJ101": explanation(
        "a row that is probably none (a warning)",
        "It begins like a sum (`Total`), or all columns that the prompt is made of are empty in it, or it has names\n"
        "of columns below the header (`item_sku`, `item_name`). It would be bought as any other row.",
        wrong="sku,name,note\nT-01,teapot,new\nTotal,1 piece,",
        right="sku,name,note\nT-01,teapot,new",
    ),
    "MJ102": explanation(
        "signs that nobody sees",
        "Spaces of no width, soft hyphens and spaces that do not break come along when text is copied. Two keys that\n"
        "differ only in them are an error, because one product would be bought twice. In other cells that are sent\n"
        "they are a warning.",
    ),
    "MJ103": explanation(
        "a row that ends early (a warning)",
        "Some programs leave out the delimiters of empty cells at the end of a row. These cells are read as empty, as\n"
        "long as no template uses their columns: else it is the error MJ053.",
        wrong="sku,name,note\nT-01,teapot",
        right="sku,name,note\nT-01,teapot,",
    ),
    "MJ104": explanation(
        "a row without a key (a warning)",
        "All columns of the `key` are empty in it. Shops write such rows for further images of a product: leave\n"
        "them out with `where`.",
        wrong="sku,name\nT-01,teapot\n,lid",
        right="sku,name\nT-01,teapot\nT-02,lid",
    ),
}
